using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>
/// Where a timeline is kept: a run folder per seed of each configuration, and the table. The same command goes on where an earlier
/// one stopped. Held by one program at a time.
/// </summary>
internal sealed class TimelineFolder : IDisposable
{
    private const string ResultName = "timeline.json";
    private const string TableName = "timeline.md";

    private static readonly StudyKind s_kind =
        new("timeline", "timeline's folder", ", new or of an earlier timeline", "another timeline");

    private readonly StudyFolder _folder;

    private TimelineFolder(StudyFolder folder) => _folder = folder;

    /// <summary>The folder's full path.</summary>
    public string FullPath => _folder.FullPath;

    /// <inheritdoc cref="StudyFolder.Note"/>
    public string? Note => _folder.Note;

    /// <summary>Creates the folder, takes an empty one, or opens that of an earlier timeline.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <param name="experiments">The names of the configurations whose runs it may hold.</param>
    /// <exception cref="BadInputException">It is a file, holds something else, is in use or cannot be written.</exception>
    public static TimelineFolder Open(string path, IEnumerable<string> experiments)
    {
        string[] ours = [ResultName, TableName, TimelinePlot.Name + ".png", TimelinePlot.Name + ".svg", .. experiments];
        return new(StudyFolder.Open(
            path,
            s_kind,
            there => there.FirstOrDefault(name => !ours.Contains(name)) is { } stranger
                ? $"holds {stranger}, which no timeline of these rows makes; name a folder that does not exist yet, or an earlier timeline's to "
                    + "go on with it."
                : null));
    }

    /// <summary>The folder of one run.</summary>
    /// <param name="configuration">The run's configuration.</param>
    public RunFolder Of(ExperimentConfiguration configuration) => RunFolder.Open(PathOf(configuration));

    /// <summary>The path of that folder, which need not be there.</summary>
    /// <param name="configuration">The run's configuration.</param>
    public string PathOf(ExperimentConfiguration configuration) => Path.Combine(
        FullPath, configuration.Experiment, string.Create(CultureInfo.InvariantCulture, $"seed-{configuration.Seed}"));

    /// <summary>Saves the table in all its forms, in place of those of an earlier call.</summary>
    /// <returns>Why there is no picture; null if there is.</returns>
    public string? Save(TimelineResult result)
    {
        _folder.Write(TableName, Encoding.UTF8.GetBytes(TimelineTable.Markdown(result)));
        _folder.Write(ResultName, JsonSerializer.SerializeToUtf8Bytes(result, TimelineJson.Relaxed.TimelineResult));
        return Drawing.Attempt(() => TimelinePlot.Draw(result).Save(FullPath));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
