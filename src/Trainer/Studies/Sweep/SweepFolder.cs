using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>The folder of a sweep, in which an earlier call may have finished runs.</summary>
internal sealed class SweepFolder : IDisposable
{
    /// <summary>The best point's configuration, ready to be trained.</summary>
    public const string BestName = "best.json";

    private const string DefinitionName = "definition.json";
    private const string ResultName = "sweep.json";
    private const string TableName = "sweep.csv";
    private const string TestFolder = "test";
    private const string CheckpointsFolder = "checkpoints";
    private const int LongestValue = 200;

    private static readonly StudyKind s_kind = new(
        "sweep", "sweep's folder", " that does not exist yet, or a sweep's", "another sweep", DefinitionName,
        (file, asked) => $"another sweep{Difference(file, asked)}. Name another folder, or repeat that sweep's arguments to go on with it.");

    private readonly StudyFolder _folder;

    private SweepFolder(StudyFolder folder) => _folder = folder;

    /// <summary>The folder's full path.</summary>
    public string FullPath => _folder.FullPath;

    /// <inheritdoc cref="StudyFolder.Note"/>
    public string? Note => _folder.Note;

    /// <inheritdoc cref="StudyFolder.Open{TDefinition}"/>
    public static SweepFolder Open(string path, SweepDefinition definition) =>
        new(StudyFolder.Open(path, s_kind, definition, SweepJson.Relaxed.SweepDefinition));

    /// <summary>Whether a folder is a sweep's.</summary>
    public static bool IsSweep(string path) => File.Exists(Path.Combine(path, DefinitionName));

    /// <summary>What a sweep's folder holds the runs of.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static SweepDefinition ReadDefinition(string path) => JsonFile.Read(
        Path.Combine(path, DefinitionName), SweepJson.Relaxed.SweepDefinition,
        definition => definition is { Configuration: JsonObject, Set: not null, Datasets: not null }, "It says what the sweep searches.");

    /// <summary>The files of a sweep's finished runs, those on the test split too.</summary>
    /// <param name="path">The folder.</param>
    public static IEnumerable<string> Files(string path) => StudyFolder.Files(path, StudyFolder.RunsFolder, TestFolder);

    /// <summary>The finished runs of the search.</summary>
    /// <param name="points">How many points the sweep has.</param>
    /// <param name="say">Takes a line about each file that is damaged.</param>
    public SweepRun[] ReadSearch(int points, Action<string> say) =>
        Read(StudyFolder.RunsFolder, run => run.Point >= 1 && run.Point <= points
            && (run.Diverged || run is { Train: not null, Validation: not null }), say);

    /// <summary>The finished runs on the test split.</summary>
    /// <param name="say">Takes a line about each file that is damaged.</param>
    public SweepRun[] ReadTest(Action<string> say) =>
        Read(TestFolder, run => run.Diverged || run is { Train: not null, Test: not null }, say);

    /// <summary>Saves a finished run; runs may be saved from several threads.</summary>
    /// <param name="run">The run.</param>
    /// <param name="isTest">Whether it is one on the test split, and not one of the search.</param>
    public void Save(SweepRun run, bool isTest) =>
        _folder.Write(Path.Combine(isTest ? TestFolder : StudyFolder.RunsFolder, NameOf(run)), run, SweepJson.Relaxed.SweepRun);

    /// <summary>Where the checkpoints of a run are that is under way together with others.</summary>
    /// <param name="point">The point's number.</param>
    /// <param name="seed">The seed.</param>
    public string CheckpointsOf(int point, uint seed) => Path.Combine(FullPath, CheckpointsFolder, Stem(point, seed));

    /// <summary>Deletes what checkpoints runs that have come to their end have left: one may have been killed right after it.</summary>
    /// <param name="runs">The finished runs.</param>
    public void DiscardCheckpoints(IEnumerable<SweepRun> runs)
    {
        string all = Path.Combine(FullPath, CheckpointsFolder);
        if (!Directory.Exists(all))
        {
            return;
        }

        foreach (string own in runs.Select(run => CheckpointsOf(run.Point, run.Seed)).Where(Directory.Exists))
        {
            Directory.Delete(own, recursive: true);
        }

        if (!Directory.EnumerateFileSystemEntries(all).Any())
        {
            Directory.Delete(all);
        }
    }

    /// <summary>Saves the results, in place of those of an earlier call.</summary>
    /// <param name="result">The result.</param>
    /// <param name="paths">The JSON paths that the points set.</param>
    /// <param name="best">The best point's configuration; null when there is none yet.</param>
    public void Save(SweepResult result, IEnumerable<string> paths, ExperimentConfiguration? best)
    {
        if (best is not null)
        {
            _folder.Write(BestName, ConfigurationFile.Serialize(best));
        }

        _folder.Write(TableName, Encoding.UTF8.GetBytes(SweepTable.Csv(result.Ranking, paths)));
        _folder.Write(ResultName, result, SweepJson.Relaxed.SweepResult);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    /// <summary>In what two definitions differ: the first key that does.</summary>
    private static string Difference(string file, byte[] asked)
    {
        try
        {
            return JsonFile.Read(file, root => Difference(JsonObject.Create(root) ?? [], asked), "");
        }
        catch (BadInputException)
        {
            return $", or a damaged one: {DefinitionName} is not one that a sweep wrote";
        }
    }

    private static string Difference(JsonObject there, byte[] asked)
    {
        JsonObject here = JsonNode.Parse(asked)!.AsObject();
        Flatten(there, "configuration");
        Flatten(here, "configuration");
        string? key = there.Concat(here).Select(entry => entry.Key)
            .FirstOrDefault(name => !JsonNode.DeepEquals(there[name], here[name]));
        return key is null ? "" : $": its \"{Excerpt.Of(key)}\" is {Text(there[key])}, and {Text(here[key])} was asked for";

        static string Text(JsonNode? value) =>
            value is null ? "absent" : Excerpt.Of(value.ToJsonString(SweepJson.Relaxed.Options), LongestValue);

        static void Flatten(JsonObject document, string key)
        {
            if (document[key] is JsonObject inner)
            {
                document.Remove(key);
                foreach ((string name, JsonNode? value) in inner)
                {
                    document[$"{key}.{name}"] = value?.DeepClone();
                }
            }
        }
    }

    private static string NameOf(SweepRun run) => $"{Stem(run.Point, run.Seed)}.json";

    private static string Stem(int point, uint seed) => string.Create(CultureInfo.InvariantCulture, $"point-{point}-seed-{seed}");

    private SweepRun[] Read(string folder, Func<SweepRun, bool> isRun, Action<string> say) =>
        _folder.Read(folder, SweepJson.Relaxed.SweepRun, NameOf, isRun, say);
}
