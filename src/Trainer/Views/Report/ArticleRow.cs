using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>One experiment of the article, or the paper's own, its numbers, and our two answers to it.</summary>
/// <param name="Name">The experiment's name; also the configuration that replays it per example.</param>
/// <param name="FullBatch">The configuration of its full-batch twin.</param>
/// <param name="TrainMisses">The article's misclassified training digits.</param>
/// <param name="TestMisses">The article's misclassified test digits, of 2,007.</param>
/// <param name="IsModern">Whether PyTorch's time is that of the network with all improvements.</param>
internal sealed record ArticleRow(string Name, string FullBatch, int TrainMisses, int TestMisses, bool IsModern)
{
    /// <summary>
    /// The article's table, and the paper's row: Andrej Karpathy, "Deep Neural Nets: 33 years ago and 33 years from now" (2022). The training
    /// misses of its last two are of another count than our 50,000 digits. LeCun et al., "Backpropagation Applied to Handwritten
    /// Zip Code Recognition" (1989).
    /// </summary>
    public static IReadOnlyList<ArticleRow> Table { get; } =
    [
        new("1989-base", "1989-fullbatch", 45, 82, IsModern: false),
        new("softmax", "softmax-fullbatch", 0, 87, IsModern: false),
        new("adamw", "adamw-fullbatch", 0, 72, IsModern: true),
        new("shift", "shift-fullbatch", 123, 43, IsModern: true),
        new("dropout-relu", "modern-fullbatch", 106, 32, IsModern: true),
        new("base-50k", "base-50k-fullbatch", 60, 54, IsModern: false),
        new("modern-50k", "modern-50k-fullbatch", 31, 24, IsModern: true),
        new("1989-paper", "1989-paper-fullbatch", 10, 102, IsModern: false) { Paper = new PaperErrors(2.5e-3, 1.8e-2) },
    ];

    /// <summary>The row that a configuration answers; null where it answers none.</summary>
    public static ArticleRow? Of(ExperimentConfiguration configuration) => configuration.IsValidation
        ? null
        : Table.FirstOrDefault(row => row.Dataset == configuration.Dataset
            && (row.Name == configuration.Experiment || row.FullBatch == configuration.Experiment));

    /// <summary>The paper's mean squared errors, where the row is the paper's and not the article's.</summary>
    public PaperErrors? Paper { get; init; }

    /// <summary>The digits: the article's are MNIST's, the paper's those that USPS descends from.</summary>
    public DataSet Dataset => Paper is null ? DataSets.Mnist : DataSets.Usps;

    /// <summary>Whether the row trains on more digits than the article's 7,291, which takes the longest.</summary>
    public bool IsLarge => Name.EndsWith("-50k", StringComparison.Ordinal);
}
