using System.Globalization;
using GpuConvnet.Trainer.Runs.Results;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>How loss and error fell during training: one line per run and split, on a logarithmic scale.</summary>
internal sealed class CurvePlot
{
    private const int Width = 900;
    private const int Height = 520;
    private const int Scale = 2;

    private readonly IReadOnlyList<ReportedRun> _runs;
    private readonly bool _isError;
    private readonly double _least;

    private CurvePlot(IReadOnlyList<ReportedRun> runs, bool isError)
    {
        _runs = runs;
        _isError = isError;

        // No logarithm goes to an error of 0: half a digit stands for none.
        _least = isError
            ? 50.0 / runs.Max(run => Math.Max(run.Shown.Train.Examples, run.Shown.Test.Examples))
            : 1e-9;
    }

    /// <summary>The share of misclassified digits.</summary>
    /// <param name="runs">The runs, at most as many as <see cref="Palette.Lines"/>.</param>
    public static Picture Errors(IReadOnlyList<ReportedRun> runs) => new CurvePlot(runs, isError: true).Draw("errors");

    /// <summary>The mean loss.</summary>
    /// <inheritdoc cref="Errors"/>
    public static Picture Losses(IReadOnlyList<ReportedRun> runs) => new CurvePlot(runs, isError: false).Draw("losses");

    /// <summary>Either, for a page on a dark screen.</summary>
    public static byte[] DarkSvg(IReadOnlyList<ReportedRun> runs, bool isError)
    {
        using Plot plot = new CurvePlot(runs, isError).Compose(isDark: true);
        return VectorFont.WithFallback(plot.GetSvgXml(Width, Height));
    }

    private Picture Draw(string name)
    {
        using Plot plot = Compose(isDark: false);
        return Picture.Of(name, plot, Width, Height, Scale);
    }

    private Plot Compose(bool isDark)
    {
        Plot plot = PlotFont.CreatePlot();
        double least = double.MaxValue;
        double most = double.MinValue;
        Color ink = PlotTheme.Ink(isDark);
        IReadOnlyList<string> colors = PlotTheme.Lines(isDark);
        bool isAlone = _runs.Count == 1;
        for (int index = 0; index < _runs.Count; index++)
        {
            ReportedRun run = _runs[index];
            string name = isAlone ? "" : run.Name + ", ";
            Color test = Color.FromHex(colors[index]);
            Color train = isAlone ? Color.FromHex(colors[1]) : test;
            AddLine(plot, run, entry => Value(entry.Train), train, LinePattern.Dotted, name + "training digits");
            AddLine(plot, run, entry => Value(entry.Test), test, LinePattern.Solid, name + run.Tested + " digits");
        }

        // The article's figures belong to one experiment: among several runs its lines would be a riddle.
        if (_runs.Select(run => run.Article).Distinct().Count() == 1)
        {
            AddArticle(_runs[0]);
        }

        plot.Axes.Margins(horizontal: 0.02);
        PlotTheme.Dress(plot, isDark);
        Label(plot, least, most);
        return plot;

        void AddLine(
            Plot plot, ReportedRun run, Func<HistoryEntry, double> value, Color color, LinePattern pattern, string name)
        {
            (double X, double[] Values)[] points = [.. Points(run, value)];
            double[] places = [.. points.Select(point => point.X)];
            if (run.Results.Count > 1)
            {
                var band = plot.Add.FillY(
                    places,
                    [.. points.Select(point => Math.Log10(point.Values.Min()))],
                    [.. points.Select(point => Math.Log10(point.Values.Max()))]);
                band.FillColor = color.WithAlpha(0.18);
                band.LineWidth = 0;
                band.MarkerSize = 0;
            }

            double[] means = [.. points.Select(point => point.Values.Average())];
            var line = plot.Add.Scatter(places, [.. means.Select(Math.Log10)], color);
            line.LineWidth = 2;
            line.LinePattern = points.Length == 1 ? LinePattern.Solid : pattern;
            line.MarkerSize = points.Length == 1 ? 8 : 0;
            line.LegendText = name;
            least = Math.Min(least, points.Min(point => point.Values.Min()));
            most = Math.Max(most, points.Max(point => point.Values.Max()));
        }

        void AddArticle(ReportedRun run)
        {
            IReadOnlyList<ArticleFigure> figures = _isError
                ? ArticleFigure.Errors(run.Article, run.Shown.Train.Examples, run.Shown.Test.Examples)
                : ArticleFigure.Losses(run.Article);
            foreach ((double figure, string name) in figures)
            {
                var line = plot.Add.HorizontalLine(Math.Log10(figure), 1.5f, ink.WithAlpha(0.75), LinePattern.Dashed);

                // To the left, where the curves are still above it.
                double begin = Points(run, entry => entry.Seconds).Min(point => point.X);
                var text = plot.Add.Text(name, begin, Math.Log10(figure));
                text.LabelFontColor = ink;
                text.LabelFontSize = 12;
                text.LabelAlignment = Alignment.LowerLeft;
                line.LegendText = "";
                least = Math.Min(least, figure);
                most = Math.Max(most, figure);
            }
        }
    }

    private double Value(RunEvaluation evaluation) =>
        Math.Max(_least, _isError ? evaluation.ErrorPercent : evaluation.Loss);

    /// <summary>Where the seeds were evaluated that all came so far, and what they had there.</summary>
    private IEnumerable<(double X, double[] Values)> Points(ReportedRun run, Func<HistoryEntry, double> value)
    {
        Dictionary<(int?, long?), HistoryEntry>[] seeds =
            [.. run.Results.Select(result => result.History.DistinctBy(At).ToDictionary(At))];
        foreach (HistoryEntry entry in run.Shown.History.Where(entry => seeds.All(seed => seed.ContainsKey(At(entry)))))
        {
            yield return (Place(run, entry), [.. seeds.Select(seed => value(seed[At(entry)]))]);
        }

        static (int?, long?) At(HistoryEntry entry) => (entry.Pass, entry.Step);
    }

    private double Place(ReportedRun run, HistoryEntry entry) => Axis switch
    {
        "pass" => entry.Pass ?? 0,
        "step" => entry.Step ?? 0,
        _ => 100.0 * (entry.Step ?? (long)(entry.Pass ?? 0) * run.Configuration.StepsPerPass) / run.Configuration.TotalSteps,
    };

    /// <summary>What is counted: the same in all runs, or else shares of the training.</summary>
    private string Axis => _runs.All(run => run.Configuration.CountsPasses) ? "pass"
        : _runs.All(run => !run.Configuration.CountsPasses) ? "step"
        : "share of the training, percent";

    private void Label(Plot plot, double least, double most)
    {
        double bottom = Math.Log10(least) - 0.06;
        double top = Math.Log10(most) + 0.06;
        if (top - bottom < 0.5)
        {
            (bottom, top) = (bottom - 0.2, top + 0.2);
        }

        double[] steps = (top - bottom) switch
        {
            < 1 => [1, 1.5, 2, 3, 4, 5, 7],
            < 2.5 => [1, 2, 5],
            < 5 => [1, 3],
            _ => [1],
        };
        List<Tick> ticks = [];
        for (int decade = (int)Math.Floor(bottom); decade <= top; decade++)
        {
            foreach (double step in steps)
            {
                double value = step * Math.Pow(10, decade);
                if (Math.Log10(value) >= bottom && Math.Log10(value) <= top)
                {
                    ticks.Add(new Tick(Math.Log10(value), Text(value)));
                }
            }
        }

        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        plot.Axes.Left.TickGenerator = new NumericManual([.. ticks]);
        plot.Axes.SetLimitsY(bottom, top);
        string what = _isError ? "Misclassified digits" : "Loss";
        string note = _runs.Any(run => run.Results.Count > 1) ? ": the mean over the seeds, and their range" : "";
        plot.Title(what + note);
        plot.XLabel(Axis);
        plot.YLabel(_isError ? "percent" : "mean over the split");
    }

    private string Text(double value) => value is >= 0.00099 and < 10000
        ? string.Create(CultureInfo.InvariantCulture, $"{value:0.###}{(_isError ? "%" : "")}")
        : string.Create(CultureInfo.InvariantCulture, $"{value:0.#e+0}{(_isError ? "%" : "")}");
}
