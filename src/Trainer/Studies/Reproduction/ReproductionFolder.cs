using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuConvnet.Trainer.Runs.Results;
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
    private const string UnfinishedSuffix = ".part";

    private readonly FolderHold _hold;

    private ReproductionFolder(string fullPath, FolderHold hold)
    {
        FullPath = fullPath;
        _hold = hold;
    }

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>Creates the folder, takes an empty one, or opens that of an earlier reproduction.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <exception cref="BadInputException">It is a file, holds something else, is in use or cannot be written.</exception>
    public static ReproductionFolder Open(string path)
    {
        try
        {
            string fullPath = Path.GetFullPath(path);
            if (File.Exists(fullPath))
            {
                throw new BadInputException($"--out {path} is a file; name a folder, new or of an earlier reproduction.");
            }

            Directory.CreateDirectory(fullPath);
            string[] ours =
            [
                FolderHold.FileName, ResultName, TableName, PlotName, VectorPlotName,
                .. ArticleRow.Table.SelectMany(row => new[] { row.Name, row.FullBatch }),
            ];
            if (Directory.EnumerateFileSystemEntries(fullPath).Select(Path.GetFileName).FirstOrDefault(
                name => !ours.Contains(name) && !name!.EndsWith(UnfinishedSuffix, StringComparison.Ordinal)) is { } stranger)
            {
                throw new BadInputException($"--out {path} holds {stranger}, which no reproduction makes; name a folder that "
                    + "does not exist yet, or an earlier reproduction's to go on with it.");
            }

            return new ReproductionFolder(fullPath, FolderHold.Take(fullPath, path, "another reproduction"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"--out {path} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>The folder of one run.</summary>
    /// <param name="configuration">The run's configuration.</param>
    public RunFolder Of(ExperimentConfiguration configuration) => RunFolder.Open(Path.Combine(
        FullPath, configuration.Experiment, string.Create(CultureInfo.InvariantCulture, $"seed-{configuration.Seed}")));

    /// <summary>Saves the table in all its forms, in place of those of an earlier call.</summary>
    public void Save(ReproductionResult result)
    {
        AtomicFile.Write(Path.Combine(FullPath, TableName), Encoding.UTF8.GetBytes(ReproductionTable.Markdown(result)));
        ReproductionPlot.Draw(result).Save(FullPath);
        AtomicFile.Write(
            Path.Combine(FullPath, ResultName),
            JsonSerializer.SerializeToUtf8Bytes(result, ReproductionJson.Relaxed.ReproductionResult));
    }

    /// <inheritdoc/>
    public void Dispose() => _hold.Dispose();
}
