using GpuConvnet.Model.Ranks;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The digits that an experiment asks for.</summary>
/// <param name="Dataset">Where they come from.</param>
/// <param name="Train">How many to train on.</param>
/// <param name="Test">How many to test on.</param>
/// <param name="Order">How MNIST's digits are chosen.</param>
/// <param name="Seed">The seed of that choice, or of the built-in digits.</param>
/// <param name="Validation">How many digits to hold out of the training split and test on, instead of the test split's;
/// 0 to test on the test split.</param>
internal sealed record DataRequest(
    DataSet Dataset, int Train, int Test, SplitOrder Order, uint Seed, int Validation = 0)
{
    /// <summary>The most examples of a split that is in memory whole.</summary>
    public const int MostExamples = 1_000_000;

    /// <summary>Where a data set of the user's own lies; null where nothing says so.</summary>
    public DataFiles? Files { get; init; }

    /// <summary>The digits of a training step, which decide whether a long built-in set can be streamed.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Which share of a batch this process looks at; of long built-in sets it draws no more.</summary>
    public RankShare Share { get; init; } = RankShare.Whole;
}
