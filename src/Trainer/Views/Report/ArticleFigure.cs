namespace GpuConvnet.Trainer.Views.Report;

/// <summary>A figure of the article's, or the paper's, that a curve is held against.</summary>
/// <param name="Value">The figure.</param>
/// <param name="Name">What it is.</param>
internal sealed record ArticleFigure(double Value, string Name)
{
    // How the article's text calls the experiment whose losses it prints, and those losses.
    private const string BaseExperiment = "1989-base";
    private const double TrainLoss = 4.073383e-3;
    private const double TestLoss = 2.838382e-2;

    /// <summary>Errors in percent.</summary>
    /// <param name="row">The experiment; null for none of the article's.</param>
    /// <param name="train">How many digits are trained on.</param>
    /// <param name="test">How many are tested on.</param>
    public static IReadOnlyList<ArticleFigure> Errors(ArticleRow? row, int train, int test) => row is null ? [] :
    [
        .. new ArticleFigure[]
        {
            new(100.0 * row.TestMisses / test, $"{SourceOf(row)}, test"),

            // Its training misses of 50,000 digits are counted on another number of them.
            new(row.IsLarge ? 0 : 100.0 * row.TrainMisses / train, $"{SourceOf(row)}, training"),
        }.Where(figure => figure.Value > 0),
    ];

    /// <summary>Mean losses.</summary>
    /// <param name="row">The experiment; null for none of the article's.</param>
    public static IReadOnlyList<ArticleFigure> Losses(ArticleRow? row) => row is { Name: BaseExperiment }
        ? [new(TestLoss, $"{SourceOf(row)}, test"), new(TrainLoss, $"{SourceOf(row)}, training")]
        : [];

    private static string SourceOf(ArticleRow row) => row.Paper is null ? "article" : "paper";
}
