using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>
/// The folder of a sweep: its definition, a small file a finished run, and the results. What a stopped sweep finished is
/// there when the same sweep is started again. Held by one program at a time.
/// </summary>
internal sealed class SweepFolder : IDisposable
{
    /// <summary>The best point's configuration, ready to be trained.</summary>
    public const string BestName = "best.json";

    private const string DefinitionName = "definition.json";
    private const string ResultName = "sweep.json";
    private const string TableName = "sweep.csv";
    private const string UnfinishedSuffix = ".part";
    private const string SearchFolder = "runs";
    private const string TestFolder = "test";
    private const int LongestValue = 200;

    private readonly FolderHold _hold;

    private SweepFolder(string fullPath, FolderHold hold)
    {
        FullPath = fullPath;
        _hold = hold;
    }

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>Creates the folder, takes an empty one, or opens that of a sweep of the same definition.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <param name="definition">The sweep's definition.</param>
    /// <exception cref="BadInputException">It is a file, holds something else or another sweep, is held by another
    /// program, or cannot be written.</exception>
    public static SweepFolder Open(string path, SweepDefinition definition)
    {
        try
        {
            string fullPath = Path.GetFullPath(path);
            if (File.Exists(fullPath))
            {
                throw new BadInputException($"--out {path} is a file; name a folder that does not exist yet, or a sweep's.");
            }

            Directory.CreateDirectory(fullPath);
            string? found = Directory.EnumerateFileSystemEntries(fullPath).Select(Path.GetFileName).FirstOrDefault(
                name => name != FolderHold.FileName && !name!.EndsWith(UnfinishedSuffix, StringComparison.Ordinal));
            if (found is not null && !File.Exists(Path.Combine(fullPath, DefinitionName)))
            {
                throw new BadInputException($"--out {path} is not empty (it holds {found}), and is no sweep's folder; "
                    + "name a folder that does not exist yet.");
            }

            SweepFolder folder = new(fullPath, FolderHold.Take(fullPath, path, "another sweep"));
            try
            {
                folder.Claim(path, definition);
            }
            catch
            {
                folder.Dispose();
                throw;
            }

            return folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"--out {path} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>Whether a folder is a sweep's.</summary>
    public static bool IsSweep(string path) => File.Exists(Path.Combine(path, DefinitionName));

    /// <summary>The finished runs of the search.</summary>
    /// <param name="points">How many points the sweep has.</param>
    /// <exception cref="BadInputException">A file is damaged, or is no run of the sweep.</exception>
    public SweepRun[] ReadSearch(int points) =>
        Read(SearchFolder, run => run.Point >= 1 && run.Point <= points
            && (run.Diverged || run is { Train: not null, Validation: not null }));

    /// <summary>The finished runs on the test split.</summary>
    /// <exception cref="BadInputException">A file is damaged, or is no such run.</exception>
    public SweepRun[] ReadTest() => Read(TestFolder, run => run.Diverged || run is { Train: not null, Test: not null });

    /// <summary>Saves a finished run; runs may be saved from several threads.</summary>
    /// <param name="run">The run.</param>
    /// <param name="isTest">Whether it is one on the test split, and not one of the search.</param>
    public void Save(SweepRun run, bool isTest)
    {
        string folder = isTest ? TestFolder : SearchFolder;
        Directory.CreateDirectory(Path.Combine(FullPath, folder));
        Write(Path.Combine(folder, NameOf(run)), Bytes(run, SweepJson.Relaxed.SweepRun));
    }

    /// <summary>Saves the results, in place of those of an earlier call.</summary>
    /// <param name="result">The result.</param>
    /// <param name="paths">The JSON paths that the points set.</param>
    /// <param name="best">The best point's configuration; null when there is none yet.</param>
    public void Save(SweepResult result, IEnumerable<string> paths, ExperimentConfiguration? best)
    {
        if (best is not null)
        {
            Write(BestName, ConfigurationFile.Serialize(best));
        }

        Write(TableName, Encoding.UTF8.GetBytes(SweepTable.Csv(result.Ranking, paths)));
        Write(ResultName, Bytes(result, SweepJson.Relaxed.SweepResult));
    }

    /// <inheritdoc/>
    public void Dispose() => _hold.Dispose();

    private static byte[] Bytes<T>(T document, JsonTypeInfo<T> type) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(document, type), (byte)'\n'];

    private void Claim(string path, SweepDefinition definition)
    {
        byte[] bytes = Bytes(definition, SweepJson.Relaxed.SweepDefinition);
        string file = Path.Combine(FullPath, DefinitionName);
        if (!File.Exists(file))
        {
            Write(DefinitionName, bytes);
        }
        else if (new FileInfo(file).Length != bytes.Length || !bytes.AsSpan().SequenceEqual(File.ReadAllBytes(file)))
        {
            throw new BadInputException($"--out {path} holds another sweep{Difference(file, bytes)}. Name another folder, or "
                + "repeat that sweep's arguments to go on with it.");
        }

        Directory.CreateDirectory(Path.Combine(FullPath, SearchFolder));
    }

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

    private static string NameOf(SweepRun run) =>
        string.Create(CultureInfo.InvariantCulture, $"point-{run.Point}-seed-{run.Seed}.json");

    private SweepRun[] Read(string folder, Func<SweepRun, bool> isRun) => !Directory.Exists(Path.Combine(FullPath, folder)) ? [] :
    [
        .. Directory.EnumerateFiles(Path.Combine(FullPath, folder), "*.json").Order(StringComparer.Ordinal).Select(
            file => JsonFile.Read(
                file,
                SweepJson.Relaxed.SweepRun,
                run => NameOf(run) == Path.GetFileName(file) && isRun(run),
                "It is no finished run of this sweep. Delete it, and the run is made again.")),
    ];

    private void Write(string name, byte[] content) => AtomicFile.Write(Path.Combine(FullPath, name), content);
}
