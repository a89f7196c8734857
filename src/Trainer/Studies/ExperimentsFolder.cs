using System.Globalization;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Studies;

/// <summary>
/// Where a study of experiments that have names is kept: a run folder per seed of each, and a table. The same command goes on where an
/// earlier one stopped. Held by one program at a time.
/// </summary>
internal sealed class ExperimentsFolder : IDisposable
{
    private readonly StudyFolder _folder;
    private readonly string _result;
    private readonly string _table;

    private ExperimentsFolder(StudyFolder folder, string result, string table)
    {
        _folder = folder;
        _result = result;
        _table = table;
    }

    /// <summary>The folder's full path.</summary>
    public string FullPath => _folder.FullPath;

    /// <inheritdoc cref="StudyFolder.Note"/>
    public string? Note => _folder.Note;

    /// <summary>Creates the folder, takes an empty one, or opens that of an earlier study of the kind.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <param name="study">The kind, such as "reproduction", after which the result is called.</param>
    /// <param name="table">The table's file.</param>
    /// <param name="picture">The picture's name, without an ending.</param>
    /// <param name="experiments">The names of the experiments whose runs it may hold.</param>
    /// <exception cref="BadInputException">It is a file, holds something else, is in use or cannot be written.</exception>
    public static ExperimentsFolder Open(string path, string study, string table, string picture, IEnumerable<string> experiments)
    {
        string result = $"{study}.json";
        string[] ours = [result, table, $"{picture}.png", $"{picture}.svg", .. experiments];
        StudyKind kind = new(study, $"{study}'s folder", $", new or of an earlier {study}", $"another {study}");
        StudyFolder folder = StudyFolder.Open(
            path,
            kind,
            there => there.FirstOrDefault(name => !ours.Contains(name)) is { } stranger
                ? $"holds {stranger}, which no {study} of these experiments makes; name a folder that does not exist yet, or an earlier "
                    + $"{study}'s to go on with it."
                : null);
        return new ExperimentsFolder(folder, result, table);
    }

    /// <summary>The folder of one run.</summary>
    /// <param name="configuration">The run's configuration.</param>
    public RunFolder Of(ExperimentConfiguration configuration) => RunFolder.Open(PathOf(configuration));

    /// <summary>The path of that folder, which need not be there.</summary>
    /// <param name="configuration">The run's configuration.</param>
    public string PathOf(ExperimentConfiguration configuration) => Path.Combine(
        FullPath, configuration.Experiment, string.Create(CultureInfo.InvariantCulture, $"seed-{configuration.Seed}"));

    /// <summary>Saves the table in all its forms, in place of those of an earlier call.</summary>
    /// <param name="result">The table.</param>
    /// <param name="type">How it is written.</param>
    /// <param name="markdown">The same as a document.</param>
    /// <param name="draw">Draws it.</param>
    /// <returns>Why there is no picture; null if there is.</returns>
    public string? Save<TResult>(TResult result, JsonTypeInfo<TResult> type, string markdown, Func<Picture> draw)
    {
        _folder.Write(_table, Encoding.UTF8.GetBytes(markdown));
        _folder.Write(_result, result, type);
        return Drawing.Attempt(() => draw().Save(FullPath));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
