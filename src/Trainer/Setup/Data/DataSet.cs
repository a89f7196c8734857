using GpuConvnet.Recognition;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>One kind of digits: what it is called, where its files are, and how its digits are loaded and placed.</summary>
/// <remarks>A new one is a class and a line in <see cref="DataSets.Sources"/>.</remarks>
internal abstract class DataSet
{
    /// <summary>What configurations, results and the command line call it; also the folder of its files.</summary>
    public abstract string Name { get; }

    /// <summary>What sentences call it.</summary>
    public virtual string DisplayName => Name.ToUpperInvariant();

    /// <summary>What it is, for a user who looks at what there is.</summary>
    public abstract string Description { get; }

    /// <summary>How its digits lie in their images.</summary>
    public virtual Framing Framing => Framing.Mnist;

    /// <summary>Whether it is the user's own, whose files a configuration or --data names, and of which no article tells.</summary>
    public virtual bool IsOwn => false;

    /// <summary>The most digits that can be asked for to train on.</summary>
    public virtual int MostTrain => DataRequest.MostExamples;

    /// <summary>How to get what is missing; empty where nothing can be.</summary>
    internal virtual string Advice => "";

    /// <summary><see cref="Advice"/>, and what lies in a folder that is taken for it.</summary>
    internal virtual string AdviceFor(DataFolder folder) => Advice;

    /// <summary>Loads, downloads or draws digits.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="folder">Where files are looked for, and downloaded to.</param>
    /// <param name="say">Hears, in a line each, what a user should know.</param>
    /// <param name="cancellation">Stops a download.</param>
    /// <exception cref="BadInputException">The digits are not to be had, are damaged, or are too few.</exception>
    public abstract LoadedData Load(DataRequest request, DataFolder folder, Action<string> say, CancellationToken cancellation);

    /// <summary>Whether a training set is drawn while it is trained on.</summary>
    /// <param name="train">The set's digits.</param>
    /// <param name="batch">The digits of a step.</param>
    public virtual bool IsStreamed(int train, int batch) => false;

    /// <summary>Looks at its files, reading each.</summary>
    internal virtual IReadOnlyList<DataFileReport> Inspect(DataRequest request, DataFolder folder) => [];

    /// <summary>Whether there is anything to look at; of a set that may lie anywhere.</summary>
    internal virtual bool IsAt(DataRequest request, DataFolder folder) => true;

    /// <summary>
    /// Why its digits are not at hand without a download; null where they are, or where nothing downloads them.
    /// </summary>
    internal virtual string? WhyNotAtHand(DataFolder folder) => null;

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Of a set of files: the validation digits are the training split's, after those that are trained on.</summary>
    private protected void RequireEnough(DataRequest request, int train, int test)
    {
        RequireAtMost(request.Train, train, DisplayName, "training");
        RequireAtMost(request.Test, test, DisplayName, "test");
        if (request.Validation > train - request.Train)
        {
            throw new BadInputException(
                $"{DisplayName} has {train:N0} training digits; {request.Train:N0} to train on leave {train - request.Train:N0} for "
                + $"validation, and {request.Validation:N0} were asked for. Validate on fewer, or train on fewer.");
        }
    }

    private protected static void RequireAtMost(int asked, int all, string set, string split)
    {
        if (asked > all)
        {
            throw new BadInputException($"{set} has {all:N0} {split} digits; {asked:N0} were asked for. Ask for fewer.");
        }
    }
}
