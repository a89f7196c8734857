using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>What one configuration gave over its seeds.</summary>
internal sealed record ReproductionCell
{
    /// <summary>The configuration's name.</summary>
    public required string Experiment { get; init; }

    /// <inheritdoc cref="RunResult.Accelerator"/>
    public required string Accelerator { get; init; }

    /// <inheritdoc cref="RunResult.Device"/>
    public required string Device { get; init; }

    /// <inheritdoc cref="RunResult.Dataset"/>
    public required string Dataset { get; init; }

    /// <inheritdoc cref="RunResult.Batch"/>
    public required BatchSize Batch { get; init; }

    /// <summary>The digits that were trained on.</summary>
    public required int TrainDigits { get; init; }

    /// <summary>The steps of a run.</summary>
    public required long Steps { get; init; }

    /// <summary>The steps that the configuration asks for, where --quick took fewer; otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? StepsOfConfiguration { get; init; }

    /// <summary>Examples that a run looks at: forward, backward and a share in a step each.</summary>
    public required long Presentations { get; init; }

    /// <summary>The seeds.</summary>
    public required IReadOnlyList<uint> Seeds { get; init; }

    /// <summary>Test digits classified wrongly.</summary>
    public required Statistic TestMisses { get; init; }

    /// <summary>Training digits classified wrongly.</summary>
    public required Statistic TrainMisses { get; init; }

    /// <summary>
    /// Half the mean squared error over the outputs, as the paper's figures fit, of the training and the test digits; only beside
    /// the paper's.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Statistic? TrainMse { get; init; }

    /// <inheritdoc cref="TrainMse"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Statistic? TestMse { get; init; }

    /// <summary>Seconds of training, the median run's; runs side by side share the machine's memory and clock.</summary>
    public required double Seconds { get; init; }

    /// <summary>
    /// How many times faster this is than the article's training by its PyTorch code; null where PyTorch was timed elsewhere or these
    /// runs were trained elsewhere. Of a training that was cut short it says little, and the table leaves it out.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SpeedUp { get; init; }

    /// <summary>
    /// Whether the article's misses lie more than two standard deviations from our mean; null for a single seed, which
    /// has none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsFarFromArticle { get; init; }
}
