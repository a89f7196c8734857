using GpuConvnet.Model;
using GpuConvnet.Model.Digits;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The digits of an experiment.</summary>
/// <param name="Dataset">What they are; never <see cref="DataSets.Auto"/>.</param>
/// <param name="Origin">Where they came from, for the user.</param>
/// <param name="Train">What is trained on, in the order of presentation; of a streamed set, its beginning.</param>
/// <param name="Test">What is tested on.</param>
/// <param name="IsValidation">Whether what is tested on was held out of the training split, and is not the test
/// split.</param>
internal sealed record LoadedData(
    DataSet Dataset, string Origin, Examples Train, Examples Test, bool IsValidation = false)
{
    /// <summary>The training set where it is too long for memory; null where <see cref="Train"/> is all of it.</summary>
    public StreamedSet? Streamed { get; init; }

    /// <summary>Of the user's own digits where they lie, each file, and what they are; null of others.</summary>
    public DataFiles? Files { get; init; }

    /// <summary>What tells its digits from others': the data set's name, and of the user's own the beginning of their SHA-256.</summary>
    public string Identity => Files?.TrainSha256 is { } sha256 ? $"{Dataset.Name} {sha256[..16]}" : Dataset.Name;

    /// <summary>How many examples a pass presents.</summary>
    public int TrainCount => Streamed?.Count ?? Train.Count;

    /// <summary>What to train on: the digits in memory, or a stream of the caller's own, to be disposed.</summary>
    internal ITrainingSet OpenTraining() => Streamed is null ? Train : new DigitStream(Streamed, Train);
}
