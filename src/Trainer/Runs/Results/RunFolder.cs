using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>
/// The folder of <c>--out</c>. It is claimed before training, so that an hour's work is not lost to a folder that cannot
/// be written, and nothing in it is ever overwritten.
/// </summary>
public sealed class RunFolder
{
    /// <summary>The model's file name.</summary>
    public const string ModelName = Safetensors.DefaultName;

    /// <summary>Where runs are saved that name no folder.</summary>
    public const string DefaultParent = "runs";

    private const string ResultName = "result.json";
    private const string ConfigurationName = "config.json";
    private const string HistoryName = "history.csv";
    private const string EnvironmentName = "environment.json";
    private const string OrderName = "order.json";
    private const string CheckpointsName = "checkpoints";
    private const string EventsName = "events";
    private const string SeedPrefix = "seed-";
    private const string StartName = "from";

    private const string RunAdvice = "--out names another folder; --no-save does without.";

    private RunFolder(string path) => FullPath = path;

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>Where its checkpoints are; it need not exist.</summary>
    internal string Checkpoints => PathOf(CheckpointsName);

    /// <summary>Where TensorBoard finds it; it need not exist.</summary>
    internal string Events => PathOf(EventsName);

    /// <summary>The model that a user means by a run's folder or by the model's own file.</summary>
    /// <param name="runOrModel">The path of either.</param>
    /// <returns>The path of the model's file; where there is no such folder, the path that was given.</returns>
    /// <exception cref="BadInputException">It is a folder without a model, or with several.</exception>
    public static string ModelOf(string runOrModel)
    {
        if (!Directory.Exists(runOrModel))
        {
            return runOrModel;
        }

        string model = Path.Combine(runOrModel, ModelName);
        if (File.Exists(model))
        {
            return model;
        }

        string[] seeds = [.. Directory.EnumerateDirectories(runOrModel, SeedPrefix + "*")
            .Where(folder => File.Exists(Path.Combine(folder, ModelName)))
            .Order(StringComparer.Ordinal)];
        throw new BadInputException(seeds.Length > 0
            ? $"{runOrModel} is a folder of several runs; name one of them, such as {seeds[0]}."
            : $"{runOrModel} is a folder without a {ModelName}; name one that --out wrote, or a model's file.");
    }

    /// <summary>Creates the folder, or takes an empty one.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <exception cref="BadInputException">It is a file, is not empty or cannot be written.</exception>
    public static RunFolder Claim(string path) => Claim(path, "--out", ", and a run is never overwritten", RunAdvice);

    /// <summary>Claims a folder for something that is no run.</summary>
    /// <inheritdoc cref="Claim(string)"/>
    internal static RunFolder ClaimForOther(string path) => Claim(path, "--out", "", "Name another folder.");

    private static RunFolder Claim(string path, string by, string why, string advice)
    {
        if (path.Length == 0)
        {
            throw new BadInputException($"{by} is empty; name a folder that does not exist yet.");
        }

        try
        {
            string fullPath = Path.GetFullPath(path);
            if (File.Exists(fullPath))
            {
                throw new BadInputException($"{by} {path} is a file; name a folder that does not exist yet.");
            }

            Directory.CreateDirectory(fullPath);
            if (Directory.EnumerateFileSystemEntries(fullPath).FirstOrDefault() is { } found)
            {
                string what = File.Exists(Path.Combine(fullPath, ResultName))
                    ? "already holds a run"
                    : $"is not empty (it holds {Path.GetFileName(found)})";
                throw new BadInputException(
                    $"{by} {path} {what}{why}; name a folder that does not exist yet.");
            }

            // Rights are not enough to know: the disk may be full or mounted read-only.
            string probe = Path.Combine(fullPath, ".writable");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return new RunFolder(fullPath);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException(
                $"{by} {path} cannot be written: {failure.Message} {advice}", failure);
        }
    }

    /// <summary>Claims a folder named after an experiment and the time, where <c>--out</c> names none.</summary>
    /// <param name="experiment">The experiment's name.</param>
    /// <exception cref="BadInputException">Nothing can be written there.</exception>
    internal static RunFolder ClaimNew(string experiment)
    {
        string name = DisplayText.FileName(experiment, "run");
        string path = Path.Combine(
            DefaultParent, string.Create(CultureInfo.InvariantCulture, $"{name}-{DateTime.UtcNow:yyyyMMdd-HHmmss}Z"));
        string free = path;
        for (int number = 2; Path.Exists(free); number++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{path}-{number}");
        }

        return Claim(free, "The run's folder", "", RunAdvice);
    }

    /// <summary>Takes a run's folder to go on with the run.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="BadInputException">It is none that a run was started in.</exception>
    internal static RunFolder Reopen(string path)
    {
        RunFolder folder = new(Path.GetFullPath(path));
        return File.Exists(Path.Combine(folder.FullPath, ConfigurationName))
            && File.Exists(Path.Combine(folder.FullPath, OrderName))
            ? folder
            : throw new BadInputException(
                $"--resume {path} is not the folder of a run: it holds no {ConfigurationName} and {OrderName}. Name a folder "
                + $"that --out named or that is in {DefaultParent}.");
    }

    /// <summary>Creates the folder of a run that several calls may come back to, or takes it as it is.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    internal static RunFolder Open(string path) => new(Directory.CreateDirectory(path).FullName);

    /// <summary>The finished run of a configuration, if the folder holds one.</summary>
    /// <param name="configuration">The configuration as it would be run; its description does not matter.</param>
    /// <exception cref="BadInputException">The folder holds a run with other settings, or a damaged one.</exception>
    internal RunResult? Find(ExperimentConfiguration configuration)
    {
        string resultPath = PathOf(ResultName);
        if (!File.Exists(resultPath))
        {
            return null;
        }

        ExperimentConfiguration found = ConfigurationFile.Load(PathOf(ConfigurationName));
        if (ConfigurationFile.Fingerprint(found) != ConfigurationFile.Fingerprint(configuration))
        {
            throw new BadInputException($"{FullPath} holds a run with other settings. Delete it, or name another --out.");
        }

        return JsonFile.Read(
            resultPath, ResultJson.Relaxed.RunResult, result => result.IsWhole, "Delete the folder, and the run is made again.");
    }

    /// <summary>The parameters that its finished run left.</summary>
    /// <exception cref="BadInputException">They cannot be read.</exception>
    internal float[] ReadParameters() => ModelMetadata.Read(PathOf(ModelName), configuration: null).Parameters;

    /// <summary>Writes what a run that is interrupted needs to be taken up, and what it is made with.</summary>
    /// <param name="configuration">The configuration, everything resolved; of several runs the first.</param>
    /// <param name="order">What else it needs.</param>
    /// <param name="environment">What it is made with.</param>
    internal void Begin(ExperimentConfiguration configuration, RunOrder order, RunEnvironment environment)
    {
        AtomicFile.Write(
            PathOf(EnvironmentName), stream => JsonSerializer.Serialize(stream, environment, ResultJson.Relaxed.RunEnvironment));
        AtomicFile.Write(PathOf(ConfigurationName), ConfigurationFile.Serialize(configuration));
        AtomicFile.Write(PathOf(OrderName), stream => JsonSerializer.Serialize(stream, order, ResultJson.Relaxed.RunOrder));
    }

    /// <summary>Makes of a run, of one seed or several, one of more steps that was interrupted where it is.</summary>
    /// <param name="longer">The configuration, with the steps that it is to have.</param>
    /// <exception cref="BadInputException">What the folder holds cannot be read.</exception>
    internal void Lengthen(ExperimentConfiguration longer)
    {
        // The folder itself comes last: whoever stops half-way can give the same command again.
        IEnumerable<string> seeds = Directory.EnumerateDirectories(FullPath, SeedPrefix + "*");
        foreach (RunFolder folder in seeds.Select(path => new RunFolder(path)).Append(this))
        {
            RunResult[] results = [.. folder.ReadResults().Select(result => result with { Interrupted = true })];
            string path = folder.PathOf(ResultName);
            if (results is [var result] && !Directory.Exists(Path.Combine(folder.FullPath, $"{SeedPrefix}{result.Seed}")))
            {
                AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, result, ResultJson.Relaxed.RunResult));
            }
            else
            {
                // Joint statistics of what was: they are made again when all have come to their end.
                File.Delete(path);
            }

            string configuration = folder.PathOf(ConfigurationName);
            if (File.Exists(configuration))
            {
                AtomicFile.Write(configuration, ConfigurationFile.Serialize(
                    ConfigurationFile.Load(configuration) with { Passes = longer.Passes, Steps = longer.Steps }));
            }
        }
    }

    /// <summary>The configuration that <see cref="Begin"/> wrote.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    internal ExperimentConfiguration ReadConfiguration() => ConfigurationFile.Load(PathOf(ConfigurationName));

    /// <summary>Whether it says what was ordered; a folder that an older program wrote may not.</summary>
    internal bool HasOrder => File.Exists(PathOf(OrderName));

    /// <summary>What <see cref="Begin"/> wrote beside it.</summary>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    internal RunOrder ReadOrder() => JsonFile.Read(
        PathOf(OrderName), ResultJson.Relaxed.RunOrder, order => order.IsWhole, "The run cannot be resumed.");

    /// <summary>What <see cref="Begin"/> wrote about the surroundings; null for a run that did not say.</summary>
    /// <exception cref="BadInputException">It is damaged.</exception>
    internal RunEnvironment? ReadEnvironment()
    {
        string path = PathOf(EnvironmentName);
        return File.Exists(path)
            ? JsonFile.Read(path, ResultJson.Relaxed.RunEnvironment, _ => true, "Delete it; nothing else needs it.")
            : null;
    }

    /// <summary>The result, or those of several seeds; none if it has not come to any.</summary>
    /// <exception cref="BadInputException">It is damaged.</exception>
    internal IReadOnlyList<RunResult> ReadResults()
    {
        string path = PathOf(ResultName);
        if (!File.Exists(path))
        {
            return [];
        }

        return JsonFile.Read<IReadOnlyList<RunResult>>(
            path,
            root => root.ValueKind == JsonValueKind.Object && root.TryGetProperty("runs", out _)
                ? JsonFile.Read(root, ResultJson.Relaxed.RunsResult, results => results.IsWhole).Runs
                : [JsonFile.Read(root, ResultJson.Relaxed.RunResult, result => result.IsWhole)],
            $"The model and {HistoryName} beside it, if they are there, can still be used.");
    }

    /// <summary>Whether results are all that was ordered, each to its end.</summary>
    internal bool IsWhole(IReadOnlyList<RunResult> results) =>
        results.All(result => result is { Interrupted: false, Failure: null })
        && (!HasOrder || results.Count == (ReadOrder().Runs ?? 1));

    /// <summary>When the configuration was written.</summary>
    internal DateTimeOffset Written => File.GetLastWriteTimeUtc(PathOf(ConfigurationName));

    /// <summary>Whether a folder is a run's, whole or not.</summary>
    internal static bool IsRun(string path) =>
        File.Exists(Path.Combine(path, ConfigurationName)) || File.Exists(Path.Combine(path, ResultName));

    /// <summary>
    /// The runs in a folder, and what might have been one: its subfolders, but for those of a sweep or a reproduction, which
    /// have tables of their own. The folder of a reproduction has its runs a level further down.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="isSweep">Whether a folder is a sweep's.</param>
    internal static IEnumerable<string> In(string path, Func<string, bool> isSweep) =>
        Directory.EnumerateDirectories(path).SelectMany(folder =>
        IsRun(folder) ? [folder]
        : Seeds(folder) is [_, ..] seeds ? seeds
        : isSweep(folder) || Directory.EnumerateDirectories(folder).Any(inner => Seeds(inner).Length > 0) ? []
        : (string[])[folder]);

    private static string[] Seeds(string path) =>
        [.. Directory.EnumerateDirectories(path, SeedPrefix + "*").Where(IsRun)];

    /// <summary>Removes the folder if nothing was written into it.</summary>
    internal void DiscardIfEmpty()
    {
        if (Directory.Exists(FullPath) && !Directory.EnumerateFileSystemEntries(FullPath).Any())
        {
            Directory.Delete(FullPath);
        }
    }

    /// <summary>Writes one run: configuration, history, model and, last, the result.</summary>
    /// <param name="configuration">The configuration as it was run, with everything resolved.</param>
    /// <param name="result">What came out.</param>
    /// <param name="parameters">The trained parameters.</param>
    public void Save(ExperimentConfiguration configuration, RunResult result, float[] parameters)
    {
        SavedModel model = new(parameters, ModelMetadata.Of(configuration, result)) { Parts = configuration.Parts };
        AtomicFile.Write(PathOf(ConfigurationName), ConfigurationFile.Serialize(configuration));
        string history = HistoryTable.Of(result.History, configuration.IsValidation);
        AtomicFile.Write(PathOf(HistoryName), Encoding.UTF8.GetBytes(history));
        AtomicFile.Write(PathOf(ModelName), stream => Safetensors.Write(stream, model));
        AtomicFile.Write(PathOf(ResultName), stream => JsonSerializer.Serialize(stream, result, ResultJson.Relaxed.RunResult));
    }

    /// <summary>Writes the joint result of several runs, each of which has a folder of <see cref="OfSeed"/>.</summary>
    /// <param name="configuration">The configuration of the first run.</param>
    /// <param name="result">The joint result.</param>
    public void Save(ExperimentConfiguration configuration, RunsResult result)
    {
        AtomicFile.Write(PathOf(ConfigurationName), ConfigurationFile.Serialize(configuration));
        AtomicFile.Write(PathOf(ResultName), stream => JsonSerializer.Serialize(stream, result, ResultJson.Relaxed.RunsResult));
    }

    /// <summary>The folder, in this one, of one of several runs.</summary>
    /// <param name="seed">The run's seed.</param>
    public RunFolder OfSeed(uint seed)
    {
        string path = Path.Combine(FullPath, string.Create(CultureInfo.InvariantCulture, $"{SeedPrefix}{seed}"));
        Directory.CreateDirectory(path);
        return new RunFolder(path);
    }

    /// <summary>The folder, in this one, of the run whose network this one's run starts from.</summary>
    public RunFolder OfStart() => new(Directory.CreateDirectory(PathOf(StartName)).FullName);

    private string PathOf(string name) => Path.Combine(FullPath, name);
}
