using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>
/// Where a reproduction is kept: a run folder a seed of each configuration, and the table. The same command goes on where
/// an earlier one stopped. Held by one program at a time.
/// </summary>
internal sealed class ReproductionFolder : IDisposable
{
    private const string ResultName = "reproduction.json";
    private const string TableName = "table.md";
    private const string PlotName = ReproductionPlot.Name + ".png";
    private const string VectorPlotName = ReproductionPlot.Name + ".svg";

    private static readonly StudyKind s_kind = new(
        "reproduction", "reproduction's folder", ", new or of an earlier reproduction", "another reproduction");

    private static readonly string[] s_ours =
    [
        ResultName, TableName, PlotName, VectorPlotName, .. ArticleRow.Table.SelectMany(row => new[] { row.Name, row.FullBatch }),
    ];

    private readonly StudyFolder _folder;

    private ReproductionFolder(StudyFolder folder) => _folder = folder;

    /// <summary>The folder's full path.</summary>
    public string FullPath => _folder.FullPath;

    /// <inheritdoc cref="StudyFolder.Note"/>
    public string? Note => _folder.Note;

    /// <summary>Creates the folder, takes an empty one, or opens that of an earlier reproduction.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <exception cref="BadInputException">It is a file, holds something else, is in use or cannot be written.</exception>
    public static ReproductionFolder Open(string path) => new(StudyFolder.Open(
        path,
        s_kind,
        there => there.FirstOrDefault(name => !s_ours.Contains(name)) is { } stranger
            ? $"holds {stranger}, which no reproduction makes; name a folder that does not exist yet, or an earlier reproduction's to go on "
                + "with it."
            : null));

    /// <summary>The folder of one run.</summary>
    /// <param name="configuration">The run's configuration.</param>
    public RunFolder Of(ExperimentConfiguration configuration) => RunFolder.Open(Path.Combine(
        FullPath, configuration.Experiment, string.Create(CultureInfo.InvariantCulture, $"seed-{configuration.Seed}")));

    /// <summary>Saves the table in all its forms, in place of those of an earlier call.</summary>
    /// <returns>Why there is no picture; null if there is.</returns>
    public string? Save(ReproductionResult result)
    {
        AtomicFile.Write(Path.Combine(FullPath, TableName), Encoding.UTF8.GetBytes(ReproductionTable.Markdown(result)));
        AtomicFile.Write(
            Path.Combine(FullPath, ResultName),
            JsonSerializer.SerializeToUtf8Bytes(result, ReproductionJson.Relaxed.ReproductionResult));
        return Drawing.Attempt(() => ReproductionPlot.Draw(result).Save(FullPath));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
