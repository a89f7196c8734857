using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>A row of the table: the article's numbers and ours.</summary>
internal sealed record ReproducedRow
{
    /// <summary>The experiment's name.</summary>
    public required string Name { get; init; }

    /// <summary>The paper's mean squared errors, where the numbers are the paper's and not the article's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PaperErrors? Paper { get; init; }

    /// <summary>The article's misclassified training digits.</summary>
    public required int ArticleTrainMisses { get; init; }

    /// <summary>The article's misclassified test digits.</summary>
    public required int ArticleTestMisses { get; init; }

    /// <summary>
    /// Seconds that the article's way takes with PyTorch, on the machine where it was timed: its presentations times PyTorch's time of
    /// one; null for the paper's row, whose method PyTorch does not have.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PyTorchSeconds { get; init; }

    /// <summary>As the article did it; null where that was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReproductionCell? PerExample { get; init; }

    /// <summary>Full batch; null where that was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReproductionCell? FullBatch { get; init; }
}
