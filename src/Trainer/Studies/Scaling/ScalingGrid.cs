using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>What a grid file says: which networks are trained on how many digits, every width on every number.</summary>
internal sealed record ScalingGrid
{
    /// <summary>What all points have in common: the name of an experiment, or a file, relative to the grid's.</summary>
    public required string Base { get; init; }

    /// <summary>The widths of the network of 1989, such as 0.5, 1 and 2.</summary>
    public required IReadOnlyList<double> Widths { get; init; }

    /// <summary>
    /// The learning rate of each width, in the order of <see cref="Widths"/>, instead of the base's: a wider network wants a
    /// smaller one.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? LearningRates { get; init; }

    /// <summary>How many digits to train on.</summary>
    public required IReadOnlyList<int> Train { get; init; }

    /// <summary>The seeds of the initial weights; every point is trained with each.</summary>
    public required IReadOnlyList<uint> Seeds { get; init; }
}
