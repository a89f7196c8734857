using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Listing;

/// <summary>A saved run in the list of <c>trainer runs</c>.</summary>
internal sealed record RunListing
{
    /// <summary>The run's folder, as the user would name it.</summary>
    public required string Folder { get; init; }

    /// <summary>How far it came.</summary>
    public required RunState State { get; init; }

    /// <summary>What is wrong with it, if it is damaged.</summary>
    public string? Problem { get; init; }

    /// <summary>When it was started, UTC; of one that does not say, when its configuration was written.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>The configuration's name.</summary>
    public string? Experiment { get; init; }

    /// <summary>What trained it.</summary>
    public string? Accelerator { get; init; }

    /// <summary>How many seeds; 1 for a single run.</summary>
    public int Runs { get; init; }

    /// <summary>The seed, the first of several.</summary>
    public uint Seed { get; init; }

    /// <summary>The steps taken; of several runs the most.</summary>
    public long Steps { get; init; }

    /// <summary>The steps that it was to take.</summary>
    public long TotalSteps { get; init; }

    /// <summary>
    /// The misses of the training digits over the seeds; null before the first evaluation that was written down.
    /// </summary>
    public Statistic? TrainMisses { get; init; }

    /// <summary>
    /// <see cref="RunResult.Validation"/> for a run on validation digits; null where it is tested on the test split.
    /// </summary>
    public string? TestedOn { get; init; }

    /// <summary>The misses of the digits that it is tested on.</summary>
    public Statistic? TestMisses { get; init; }

    /// <summary>The time spent training, the mean over the seeds.</summary>
    public double? TrainSeconds { get; init; }

    /// <summary>Looks at runs' folders, several at a time.</summary>
    /// <param name="paths">The folders.</param>
    public static RunListing[] Of(IReadOnlyList<string> paths) => [.. paths.AsParallel().AsOrdered().Select(Of)];

    /// <summary>Looks at a run's folder. What is damaged in it hides nothing that the rest says.</summary>
    /// <param name="path">The folder.</param>
    public static RunListing Of(string path)
    {
        RunListing listing = new() { Folder = path, State = RunState.Damaged };
        RunFolder folder = new(path);
        if (folder.IsEnsemble)
        {
            return OfEnsemble(folder, listing);
        }

        if (!RunFolder.IsRun(path))
        {
            return listing with { Problem = RunFolder.WhyNoRun(path) };
        }

        List<string> problems = [];
        ExperimentConfiguration? configuration = Read(folder.ReadConfiguration);
        IReadOnlyList<RunResult>? results = Read(folder.ReadResults);
        bool isDamaged = problems.Count > 0;
        RunEnvironment? environment = Read(() => folder.ReadEnvironment(problems.Add));
        RunOrder? order = folder.HasOrder ? Read(() => folder.ReadOrder(problems.Add)) : null;
        RunDivergence? divergence = Read(folder.ReadDivergence);
        listing = listing with
        {
            Started = environment?.Started ?? folder.Written,
            Experiment = configuration?.Experiment,
            Accelerator = environment?.Accelerator,
            Runs = results is [_, ..] ? results.Count : order?.Runs ?? 1,
            Seed = configuration?.Seed ?? 0,
            TotalSteps = configuration?.TotalSteps ?? 0,
            TestedOn = configuration is { IsValidation: true } ? RunResult.Validation : null,
        };
        if (results is [RunResult first, ..])
        {
            listing = listing with
            {
                Experiment = first.Experiment,
                Accelerator = first.Accelerator,
                Seed = first.Seed,
                TestedOn = first.TestedOn,
                Steps = results.Max(result => result.Steps),
                TrainMisses = Statistic.Of([.. results.Select(result => (double)result.Train.Misses)]),
                TestMisses = Statistic.Of([.. results.Select(result => (double)result.Test.Misses)]),
                TrainSeconds = results.Average(result => result.Seconds.Train),
            };
        }
        else if (configuration is not null && Read(() => Newest(folder, configuration)) is { } latest)
        {
            listing = listing with
            {
                Steps = latest.Steps,
                TrainMisses = Statistic.Of([latest.History.Last.Train.Misses]),
                TestMisses = Statistic.Of([latest.History.Last.Test.Misses]),
                TrainSeconds = latest.TrainSeconds,
            };
        }

        return listing with
        {
            State = isDamaged ? RunState.Damaged
                : divergence is not null ? RunState.Diverged
                : results is not [_, ..] ? RunState.Unfinished
                : RunFolder.IsWhole(results, order) ? RunState.Finished
                : RunState.Interrupted,
            Problem = problems.Count > 0 ? string.Join(' ', problems) : divergence?.Message,
        };

        T? Read<T>(Func<T> read)
            where T : class?
        {
            try
            {
                return read();
            }
            catch (Exception failure) when (failure is BadInputException or IOException or UnauthorizedAccessException)
            {
                problems.Add(failure.Message);
                return null;
            }
        }
    }

    private static RunListing OfEnsemble(RunFolder folder, RunListing listing)
    {
        try
        {
            ModelEvaluation evaluation = folder.ReadEnsemble();
            return listing with
            {
                State = RunState.Finished,
                Started = folder.EnsembleWritten,
                Experiment = evaluation.Experiment,
                Runs = evaluation.Ensemble!.Members.Count,
                TestedOn = evaluation.TestedOn,
                TestMisses = evaluation.Test is { } test ? Statistic.Of([test.Misses]) : null,
            };
        }
        catch (Exception failure) when (failure is BadInputException or IOException or UnauthorizedAccessException)
        {
            return listing with { Problem = failure.Message };
        }
    }

    private static Checkpoint? Newest(RunFolder folder, ExperimentConfiguration configuration) => new CheckpointFolder(
        folder.Checkpoints, configuration, new CheckpointRequest(null, CheckpointRequest.DefaultKeep)).Latest(_ => { });
}
