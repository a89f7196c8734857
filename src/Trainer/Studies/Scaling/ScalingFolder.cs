using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>
/// The folder of a grid, in which an earlier call may have finished runs of it, of a smaller or of a larger one of the same base.
/// </summary>
internal sealed class ScalingFolder : IDisposable
{
    private const string DefinitionName = "scaling-definition.json";
    private const string ResultName = "scaling.json";
    private const string TableName = "scaling.md";

    private static readonly StudyKind s_kind = new(
        "grid", "folder of 'trainer scale'", ", new or of an earlier grid", "another 'trainer scale'", DefinitionName,
        (_, _) => "runs of another base experiment, other digits or another accelerator: its scaling-definition.json says which. "
            + "Name another folder, or repeat that command to go on with it.");

    private readonly StudyFolder _folder;

    private ScalingFolder(StudyFolder folder) => _folder = folder;

    /// <summary>The folder's full path.</summary>
    public string FullPath => _folder.FullPath;

    /// <inheritdoc cref="StudyFolder.Note"/>
    public string? Note => _folder.Note;

    /// <inheritdoc cref="StudyFolder.Open{TDefinition}"/>
    public static ScalingFolder Open(string path, ScalingDefinition definition) =>
        new(StudyFolder.Open(path, s_kind, definition, ScalingJson.Relaxed.ScalingDefinition));

    /// <summary>Whether a folder is a grid's.</summary>
    public static bool IsGrid(string path) => File.Exists(Path.Combine(path, DefinitionName));

    /// <summary>What a grid's folder holds the runs of.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static ScalingDefinition ReadDefinition(string path) => JsonFile.Read(
        Path.Combine(path, DefinitionName), ScalingJson.Relaxed.ScalingDefinition,
        definition => definition is { Configuration: JsonObject, Dataset: not null }, "It says what the runs have in common.");

    /// <summary>The finished runs of a grid.</summary>
    /// <param name="grid">The grid; runs of others are left alone.</param>
    /// <param name="say">Takes a line about each file that is damaged.</param>
    public ScalingRun[] Read(ScalingGrid grid, Action<string> say)
    {
        HashSet<string> names =
        [
            .. from width in grid.Widths.Select((width, index) => (Width: width, Rate: grid.LearningRates?[index]))
               from digits in grid.Train
               from seed in grid.Seeds
               select NameOf(width.Width, digits, seed, width.Rate),
        ];
        return _folder.Read(
            StudyFolder.RunsFolder, ScalingJson.Relaxed.ScalingRun, NameOf,
            run => run.Diverged || run is { Train: not null, Test: not null }, say, names.Contains);
    }

    /// <summary>Saves a finished run; runs may be saved from several threads.</summary>
    public void Save(ScalingRun run) =>
        _folder.Write(Path.Combine(StudyFolder.RunsFolder, NameOf(run)), run, ScalingJson.Relaxed.ScalingRun);

    /// <summary>Saves the results in all their forms, in place of those of an earlier call.</summary>
    /// <returns>Why there are no pictures; null if there are.</returns>
    public string? Save(ScalingResult result)
    {
        (Picture Light, byte[] Dark)[] pictures = [];
        string? why = Drawing.Attempt(() =>
        {
            pictures = [.. ScalingPlot.Draw(result)];
            foreach ((Picture picture, _) in pictures)
            {
                picture.Save(FullPath);
            }
        });
        _folder.Write(RunReport.PageName, ScalingTable.Page(result, pictures));
        _folder.Write(TableName, Encoding.UTF8.GetBytes(ScalingTable.Markdown(result)));
        _folder.Write(ResultName, result, ScalingJson.Relaxed.ScalingResult);
        return why;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static string NameOf(ScalingRun run) => NameOf(run.Width, run.Digits, run.Seed, run.LearningRate);

    private static string NameOf(double width, int digits, uint seed, double? learningRate)
    {
        string rate = learningRate is null ? "" : string.Create(CultureInfo.InvariantCulture, $"-rate-{learningRate}");
        return string.Create(CultureInfo.InvariantCulture, $"width-{width}-digits-{digits}-seed-{seed}{rate}.json");
    }
}
