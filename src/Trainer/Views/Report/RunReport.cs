using System.Globalization;
using GpuConvnet.Model;
using GpuConvnet.Model.Simd;
using GpuConvnet.Trainer.Views.Errors;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>A report of one run, or of several side by side: <c>report.html</c>, and its pictures as PNG and SVG.</summary>
internal static class RunReport
{
    /// <summary>The page's file name.</summary>
    public const string PageName = "report.html";

    /// <summary>The folder of the pictures, beside the page.</summary>
    public const string PicturesName = "pictures";

    /// <summary>The most runs side by side: as many as there are colours to tell them apart.</summary>
    public static int MostRuns => Palette.Lines.Count;

    private const int MostMistakesDrawn = 200;

    /// <summary>Writes a report; one that is there already is replaced.</summary>
    /// <param name="folder">Where to; created if need be.</param>
    /// <param name="runs">The runs, with their digits where there are any; 1 to <see cref="MostRuns"/>.</param>
    /// <returns>The page's path.</returns>
    /// <exception cref="BadInputException">There is another <c>report.html</c>, or nothing can be written there.</exception>
    public static string Write(string folder, IReadOnlyList<ReportedRun> runs)
    {
        string path = Path.Combine(folder, PageName);
        RequireOwn(path);
        Picture errors = CurvePlot.Errors(runs);
        Picture losses = CurvePlot.Losses(runs);
        byte[] page = ReportPage.Of(
            runs,
            [
                (errors.Svg, CurvePlot.DarkSvg(runs, isError: true), "Misclassified digits during training, on a logarithmic scale"),
                (losses.Svg, CurvePlot.DarkSvg(runs, isError: false), "The loss during training, on a logarithmic scale"),
            ]);
        try
        {
            string pictures = Directory.CreateDirectory(Path.Combine(folder, PicturesName)).FullName;
            foreach (Picture picture in (Picture[])[errors, losses, .. runs.SelectMany(run => OfNetwork(run, runs.Count > 1))])
            {
                picture.Save(pictures);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The report cannot be written to {folder}: {failure.Message}", failure);
        }

        AtomicFile.Write(path, page);
        return path;
    }

    /// <summary>Writes the report of an ensemble; one that is there already is replaced.</summary>
    /// <param name="folder">Where to; created if need be.</param>
    /// <param name="ensemble">The ensemble, with its digits if there are any.</param>
    /// <returns>The page's path.</returns>
    /// <exception cref="BadInputException">There is another <c>report.html</c>, or nothing can be written there.</exception>
    public static string Write(string folder, ReportedEnsemble ensemble)
    {
        string path = Path.Combine(folder, PageName);
        RequireOwn(path);
        byte[] page = EnsemblePage.Of(ensemble);
        try
        {
            string pictures = Directory.CreateDirectory(Path.Combine(folder, PicturesName)).FullName;
            if (ensemble is { Test: { } test, Errors: { } errors })
            {
                Mistakes(ensemble.Ensemble.Name, ensemble.Tested, errors, test).Save(pictures);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The report cannot be written to {folder}: {failure.Message}", failure);
        }

        AtomicFile.Write(path, page);
        return path;
    }

    private static Picture Mistakes(string title, string tested, ErrorAnalysis errors, Examples test)
    {
        int drawn = Math.Min(MostMistakesDrawn, errors.Misclassified.Count);
        (int width, int height) = ErrorSheet.Size(drawn);
        string heading = string.Create(
            CultureInfo.InvariantCulture,
            $"{title}: {errors.Misclassified.Count:N0} of {test.Count:N0} {tested} digits misclassified");
        return Picture.Draw("mistakes", width, height, canvas => ErrorSheet.Draw(canvas, heading, errors, test, drawn));
    }

    private static void RequireOwn(string path)
    {
        if (File.Exists(path) && !File.ReadAllText(path).Contains(HtmlPage.Generator, StringComparison.Ordinal))
        {
            throw new BadInputException(
                $"{path} is no report of this program, and is not overwritten. Name another folder with --out.");
        }
    }

    private static IEnumerable<Picture> OfNetwork(ReportedRun run, bool isOneOfSeveral)
    {
        Picture Named(Picture picture) => isOneOfSeveral ? picture with { Name = $"{DisplayText.FileName(run.Name, "run")}-{picture.Name}" } : picture;
        string title = run.Results.Count > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{run.Name}, seed {run.Shown.Seed}")
            : run.Name;
        if (run.Configuration.Is1989)
        {
            yield return Named(MapSheet.Kernels(title, run.Parameters));
        }

        if (run.Test is null || run.Errors is null)
        {
            yield break;
        }

        if (run.Configuration.Is1989)
        {
            using SimdNetwork network = SimdNetwork.Create(run.Configuration.Network);
            network.Load(run.Parameters);
            yield return Named(MapSheet.Activations(title, network, run.Test, example: 0));
        }

        yield return Named(Mistakes(title, run.Tested, run.Errors, run.Test));
    }
}
