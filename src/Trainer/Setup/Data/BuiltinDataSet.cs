using GpuConvnet.Model.Digits;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>Digits drawn by the program itself: as many as asked for, in memory or while they are trained on.</summary>
internal sealed class BuiltinDataSet : DataSet
{
    /// <summary>Where the digits come from, for the user.</summary>
    internal const string Origin = "drawn by the program";

    private const string SetName = "The built-in set";

    /// <inheritdoc/>
    public override string Name => "builtin";

    /// <inheritdoc/>
    public override string DisplayName => "built-in";

    /// <inheritdoc/>
    public override string Description => "drawn by the program, as many as asked for; no file needed";

    /// <inheritdoc/>
    public override int MostTrain => StreamedSet.MostCount;

    /// <inheritdoc/>
    public override bool IsStreamed(int train, int batch) => StreamedSet.Suits(train, batch);

    /// <inheritdoc/>
    public override LoadedData Load(DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequireAtMost(request.Train, MostTrain, SetName, "training");
        bool isStreamed = IsStreamed(request.Train, request.Batch);
        if (!isStreamed && request.Train > DataRequest.MostExamples)
        {
            throw new BadInputException(FormattableString.Invariant(
                $"{request.Train:N0} digits do not fit into memory, and a step of {request.Batch:N0} needs its digits ")
                + FormattableString.Invariant($"there together. Use --batch {StreamedSet.MostBatch} or smaller, ")
                + FormattableString.Invariant($"or at most {DataRequest.MostExamples:N0} training digits."));
        }

        RequireAtMost(request.Test, BuiltinDigits.MaximumCount, SetName, "test");
        RequireAtMost(request.Validation, BuiltinDigits.MaximumCount, SetName, "validation");

        // Another seed for the test split, so that no digit of it is ever trained on, and a third for validation.
        const uint TestSeed = 0x9E3779B9;
        const uint ValidationSeed = unchecked(2 * TestSeed);
        bool isValidation = request.Validation > 0;
        return new LoadedData(
            this,
            Origin,
            !isStreamed && request.Train > StreamedSet.MostResident
                ? LaterDigits.Draw(request.Train, request.Seed, request.Share).Examples
                : BuiltinDigits.Draw(isStreamed ? StreamedSet.SampleCount : request.Train, request.Seed),
            isValidation
                ? BuiltinDigits.Draw(request.Validation, unchecked(request.Seed + ValidationSeed))
                : BuiltinDigits.Draw(request.Test, unchecked(request.Seed + TestSeed)),
            isValidation)
        {
            Streamed = isStreamed ? new StreamedSet(request.Train, request.Seed, request.Batch) { Share = request.Share } : null,
        };
    }
}
