using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>
/// The folder of a run: what was ordered, what it was made with, checkpoints, history, model and result, each a file of its own. Each is
/// checked when it is read, and one that is damaged costs the others nothing.
/// </summary>
internal sealed class RunFolder
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

    private const string DivergedName = "diverged.json";
    private const string EnsembleName = "ensemble.json";

    /// <summary>A folder that is there.</summary>
    /// <param name="path">Its path.</param>
    internal RunFolder(string path) => FullPath = Path.GetFullPath(path);

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

        string[] seeds = SeedsWithModel(runOrModel);
        throw new BadInputException(seeds.Length > 0
            ? $"{runOrModel} is a folder of several runs; name one of them, such as {seeds[0]}."
            : $"{runOrModel} is a folder without a {ModelName}; name one that --out wrote, or a model's file.");
    }

    /// <summary>The models that a user means who may name several: those of all seeds of a run of several.</summary>
    /// <param name="runOrModel">A run's folder, that of several seeds, or a model's file.</param>
    /// <returns>The paths of the models' files, the seeds in their order.</returns>
    /// <exception cref="BadInputException">It is a folder without a model.</exception>
    internal static IReadOnlyList<string> ModelsOf(string runOrModel) =>
        Directory.Exists(runOrModel) && !File.Exists(Path.Combine(runOrModel, ModelName)) && SeedsWithModel(runOrModel) is [_, ..] seeds
            ? [.. seeds.Select(ModelOf)]
            : [ModelOf(runOrModel)];

    // seed-2 comes before seed-10.
    private static string[] SeedsWithModel(string path) => [.. Directory.EnumerateDirectories(path, SeedPrefix + "*")
        .Where(folder => File.Exists(Path.Combine(folder, ModelName)))
        .OrderBy(folder => folder.Length).ThenBy(folder => folder, StringComparer.Ordinal)];

    /// <summary>The fingerprint of the parameters in the result that lies beside a run's model.</summary>
    /// <param name="model">The model's file.</param>
    /// <returns>Null where the file is no run's, or where no result can be read.</returns>
    internal static string? ParametersSha256Beside(string model)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(model))!;
        if (Path.GetFileName(model) != ModelName || !File.Exists(Path.Combine(folder, ResultName)))
        {
            return null;
        }

        try
        {
            // In the folder of several runs there is no model.
            return new RunFolder(folder).ReadResults() is [{ } result] ? result.ParametersSha256 : null;
        }
        catch (BadInputException)
        {
            // The model's own fingerprint has been looked at, and 'trainer runs' says that the result is damaged.
            return null;
        }
    }

    /// <summary>The names of what is written before the order.</summary>
    internal static IReadOnlyList<string> BeginningNames { get; } = [EnvironmentName, ConfigurationName];

    /// <summary>Finds a run's folder to go on with the run.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="BadInputException">It is none that a run was started in, or its run diverged.</exception>
    internal static RunFolder Reopen(string path)
    {
        RunFolder folder = new(Path.GetFullPath(path));
        if (!File.Exists(folder.PathOf(ConfigurationName)) || !(folder.HasOrder || File.Exists(folder.PathOf(EnvironmentName))))
        {
            throw new BadInputException(
                $"--resume {path} is not the folder of a run: it holds no {ConfigurationName} and {OrderName}. Name a folder "
                + $"that --out named or that is in {DefaultParent}.");
        }

        return folder.ReadDivergence() is { } divergence
            ? throw new BadInputException(
                $"--resume {path}: {divergence.Message} It would diverge again. Start a new run with another learning rate"
                + (File.Exists(folder.PathOf(ModelName)) ? $"; from what this one had learnt before, with --from {path}." : "."))
            : folder;
    }

    /// <summary>Creates the folder of a run that several calls may come back to, or takes it as it is.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    internal static RunFolder Open(string path) => new(Disk.CreateFolder(path));

    /// <summary>
    /// The finished run of a configuration, if the folder holds one. What is damaged of it is set aside, so that the run can be made again.
    /// </summary>
    /// <param name="configuration">The configuration as it would be run; its description does not matter.</param>
    /// <param name="say">Takes a line about what is damaged.</param>
    /// <exception cref="BadInputException">The folder holds a run with other settings.</exception>
    internal FinishedRun? Find(ExperimentConfiguration configuration, Action<string> say)
    {
        string resultPath = PathOf(ResultName);
        if (!File.Exists(resultPath))
        {
            return null;
        }

        RunResult result;
        string read = PathOf(ConfigurationName);
        bool isOther;
        try
        {
            isOther = ConfigurationFile.Fingerprint(ReadConfiguration()) != ConfigurationFile.Fingerprint(configuration);
            read = resultPath;
            result = isOther ? null! : JsonFile.Read(Own(ResultName), ResultJson.Relaxed.RunResult, found => found.IsWhole, "");
        }
        catch (BadInputException damage)
        {
            DamagedFile.SetAside(read, damage.Message, say);
            return null;
        }

        if (isOther)
        {
            throw new BadInputException($"{FullPath} holds a run with other settings. Name another --out.");
        }

        if (result is { Interrupted: true } or { Failure: not null })
        {
            return new FinishedRun(result, null);
        }

        try
        {
            return new FinishedRun(result, ReadParameters());
        }
        catch (BadInputException damage)
        {
            DamagedFile.SetAside(PathOf(ModelName), damage.Message, say);
            return null;
        }
    }

    /// <summary>The parameters that its finished run left.</summary>
    /// <exception cref="BadInputException">They cannot be read.</exception>
    internal float[] ReadParameters() => ModelMetadata.Read(Own(ModelName), configuration: null).Parameters;

    /// <summary>Writes what a run that is interrupted needs to be taken up, and what it is made with.</summary>
    /// <param name="configuration">The configuration, everything resolved; of several runs the first.</param>
    /// <param name="order">What else it needs.</param>
    /// <param name="environment">What it is made with; the order is written into it too, in case that its own file is damaged.</param>
    internal void Begin(ExperimentConfiguration configuration, RunOrder order, RunEnvironment environment)
    {
        Write(EnvironmentName, environment with { Order = order }, ResultJson.Relaxed.RunEnvironment);
        AtomicFile.Write(PathOf(ConfigurationName), ConfigurationFile.Serialize(configuration));
        Write(OrderName, order, ResultJson.Relaxed.RunOrder);
    }

    /// <summary>Changes the order, where a user wants the run to go on with something else than it began with.</summary>
    /// <param name="order">The order.</param>
    /// <param name="changes">What is different, a sentence each; it is written down.</param>
    internal void Reorder(RunOrder order, IEnumerable<string> changes)
    {
        Write(OrderName, order, ResultJson.Relaxed.RunOrder);
        if (ReadEnvironment(_ => { }) is { } environment)
        {
            RunEnvironment changed = environment with { Order = order, Changes = [.. environment.Changes ?? [], .. changes] };
            Write(EnvironmentName, changed, ResultJson.Relaxed.RunEnvironment);
        }
    }

    /// <summary>Sets aside what is a folder where a file of the run has its place.</summary>
    /// <param name="say">Takes a line about each.</param>
    internal void SetFoldersAside(Action<string> say)
    {
        string[] names = [ResultName, HistoryName, ModelName, EnvironmentName, OrderName, DivergedName];
        IEnumerable<string> inCheckpoints = Directory.Exists(Checkpoints) ? Directory.GetDirectories(Checkpoints) : [];
        foreach (string path in names.Select(PathOf).Where(Directory.Exists).Concat(inCheckpoints))
        {
            DamagedFile.SetAside(path, $"{path} is a folder, where a file should be.", say);
        }
    }

    /// <summary>Says that the training diverged; see <see cref="ReadDivergence"/>.</summary>
    /// <param name="divergence">What happened.</param>
    internal void Save(RunDivergence divergence) => Write(DivergedName, divergence, ResultJson.Relaxed.RunDivergence);

    /// <summary>What made the run diverge, or the first of its seeds that did; null where none did.</summary>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    internal RunDivergence? ReadDivergence()
    {
        if (File.Exists(PathOf(DivergedName)))
        {
            return JsonFile.Read(Own(DivergedName), ResultJson.Relaxed.RunDivergence, _ => true, "It says why the run diverged.");
        }

        foreach (string path in Directory.EnumerateDirectories(FullPath, SeedPrefix + "*").Order(StringComparer.Ordinal))
        {
            if (new RunFolder(path).ReadDivergence() is { } divergence)
            {
                return divergence with { Message = $"{Path.GetFileName(path)}: {divergence.Message}" };
            }
        }

        return null;
    }

    /// <summary>Makes of a run, of one seed or several, one of more steps that was interrupted where it is.</summary>
    /// <param name="longer">The configuration, with the steps that it is to have.</param>
    /// <param name="say">Takes a line about what is damaged.</param>
    /// <exception cref="BadInputException">What the folder holds cannot be read.</exception>
    internal void Lengthen(ExperimentConfiguration longer, Action<string> say)
    {
        // The folder itself comes last: whoever stops half-way can give the same command again.
        IEnumerable<string> seeds = Directory.EnumerateDirectories(FullPath, SeedPrefix + "*");
        foreach (RunFolder folder in seeds.Select(path => new RunFolder(path)).Append(this))
        {
            string path = folder.PathOf(ResultName);
            RunResult[] results = [];
            try
            {
                results = [.. folder.ReadResults().Select(result => result with { Interrupted = true })];
            }
            catch (BadInputException damage)
            {
                DamagedFile.SetAside(path, damage.Message, say);
            }

            if (results is [var result] && !Directory.Exists(Path.Combine(folder.FullPath, $"{SeedPrefix}{result.Seed}")))
            {
                folder.Write(ResultName, result, ResultJson.Relaxed.RunResult);
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
    internal ExperimentConfiguration ReadConfiguration() => ConfigurationFile.LoadOfRun(Own(ConfigurationName));

    /// <summary>Whether it says what was ordered; a folder that an older program wrote may not.</summary>
    internal bool HasOrder => File.Exists(PathOf(OrderName));

    /// <summary>What <see cref="Begin"/> wrote beside it. Where that is damaged, it is taken from the environment's file.</summary>
    /// <param name="say">Takes a line about what is damaged.</param>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    internal RunOrder ReadOrder(Action<string> say)
    {
        try
        {
            return JsonFile.Read(Own(OrderName), ResultJson.Relaxed.RunOrder, order => order.IsWhole, "");
        }
        catch (BadInputException damage)
        {
            if (ReadEnvironment(_ => { })?.Order is not { IsWhole: true } order)
            {
                throw new BadInputException($"{damage.Message} The run cannot be resumed; what it has trained can be used.", damage);
            }

            say($"{damage.Message} The order is taken from {EnvironmentName}.");
            return order;
        }
    }

    /// <summary>What <see cref="Begin"/> wrote about the surroundings; null for a run that did not say, or if it is damaged.</summary>
    /// <param name="say">Takes a line about what is damaged.</param>
    internal RunEnvironment? ReadEnvironment(Action<string> say)
    {
        try
        {
            return File.Exists(PathOf(EnvironmentName))
                ? JsonFile.Read(Own(EnvironmentName), ResultJson.Relaxed.RunEnvironment, _ => true, "Nothing else needs it.")
                : null;
        }
        catch (BadInputException damage)
        {
            say(damage.Message);
            return null;
        }
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
            Own(ResultName),
            root => root.ValueKind == JsonValueKind.Object && root.TryGetProperty("runs", out _)
                ? JsonFile.Read(root, ResultJson.Relaxed.RunsResult, results => results.IsWhole).Runs
                : [JsonFile.Read(root, ResultJson.Relaxed.RunResult, result => result.IsWhole)],
            $"The model and {HistoryName} beside it, if they are there, can still be used; --resume makes it again.");
    }

    /// <summary>Whether results are all that was ordered, each to its end.</summary>
    /// <param name="results">The results.</param>
    /// <param name="order">What was ordered; null where that is not known.</param>
    internal static bool IsWhole(IReadOnlyList<RunResult> results, RunOrder? order) =>
        results.All(result => result is { Interrupted: false, Failure: null })
        && (order is null || results.Count == (order.Runs ?? 1));

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
    /// <exception cref="BadInputException">The folder itself may not be looked into.</exception>
    internal static IEnumerable<string> In(string path, Func<string, bool> isSweep)
    {
        string[] folders;
        try
        {
            folders = Directory.GetDirectories(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(
                $"{path} cannot be looked into: {failure.Message} Name a folder that is yours to read, or run as who may.", failure);
        }

        return folders.SelectMany(folder => RunsOf(folder, isSweep));
    }

    /// <summary>A run's folder and those in it that are runs of their own: the stages that it starts from, and its seeds.</summary>
    /// <param name="path">The folder; of several seeds it itself is none of the parts.</param>
    /// <exception cref="IOException">It has gone.</exception>
    internal static IEnumerable<string> PartsOf(string path)
    {
        string start = Path.Combine(path, StartName);
        string[] seeds = Seeds(path);
        return [.. IsRun(start) ? PartsOf(start) : [], .. seeds.Length > 0 ? seeds.SelectMany(PartsOf) : [path]];
    }

    /// <summary>Whether a program is at work in it, or in the run's folder that it belongs to.</summary>
    internal bool IsHeld
    {
        get
        {
            for (string? path = FullPath; path is not null && IsRun(path); path = Path.GetDirectoryName(path))
            {
                if (FolderHold.IsHeld(path))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>When the run was begun, or that which it is a part of; null where that is not known.</summary>
    internal DateTimeOffset? Started
    {
        get
        {
            DateTimeOffset? started = null;
            for (string? path = FullPath; started is null && path is not null && IsRun(path); path = Path.GetDirectoryName(path))
            {
                started = new RunFolder(path).ReadEnvironment(_ => { })?.Started;
            }

            return started;
        }
    }

    /// <summary>Changes when something about the run is written.</summary>
    internal string Stamp => string.Join(' ', ((string[])
    [
        PathOf(ConfigurationName), PathOf(ResultName), PathOf(DivergedName), PathOf(ModelName), Checkpoints,
    ]).Select(path => $"{File.GetLastWriteTimeUtc(path).Ticks}").Append($"{IsHeld}"));

    /// <summary>Why a folder that is no run's is none, for the user.</summary>
    internal static string WhyNoRun(string path)
    {
        try
        {
            // Names can be listed where files may not be asked about.
            return Directory.EnumerateFiles(path).Any(file => Path.GetFileName(file) is ConfigurationName or ResultName)
                ? "It cannot be looked into: access to its files is denied."
                : Directory.EnumerateDirectories(path).Any(IsRun) ? $"Runs are in its folders: 'trainer runs {path}' lists them."
                : "There is no run in it.";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"It cannot be looked into: {failure.Message}";
        }
    }

    private static string[] RunsOf(string folder, Func<string, bool> isSweep)
    {
        try
        {
            return IsRun(folder) ? [folder]
                : Seeds(folder) is [_, ..] seeds ? seeds
                : isSweep(folder) || Directory.EnumerateDirectories(folder).Any(inner => Seeds(inner).Length > 0) ? []
                : [folder];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It is listed, with the reason: one folder that may not be looked into hides no other.
            return [folder];
        }
    }

    private static string[] Seeds(string path) =>
        [.. Directory.EnumerateDirectories(path, SeedPrefix + "*").Where(IsRun)];

    /// <summary>Clears what programs left that were killed while they wrote; the folder must be held.</summary>
    internal void DiscardLeftovers()
    {
        foreach (string folder in Directory.EnumerateDirectories(FullPath, "*", SearchOption.AllDirectories).Prepend(FullPath))
        {
            AtomicFile.DiscardLeftovers(folder);
        }
    }

    /// <summary>Writes one run: configuration, history, model and, last, the result.</summary>
    /// <param name="configuration">The configuration as it was run, with everything resolved.</param>
    /// <param name="result">What came out.</param>
    /// <param name="parameters">The trained parameters.</param>
    public void Save(ExperimentConfiguration configuration, RunResult result, float[] parameters)
    {
        SavedModel model = new(parameters, ModelMetadata.Of(configuration, result, parameters)) { Parts = configuration.Parts };
        AtomicFile.Write(PathOf(ConfigurationName), ConfigurationFile.Serialize(configuration));
        string history = HistoryTable.Of(result.History, configuration.IsValidation);
        AtomicFile.Write(PathOf(HistoryName), Encoding.UTF8.GetBytes(history));
        AtomicFile.Write(PathOf(ModelName), stream => Safetensors.Write(stream, model));
        Write(ResultName, result, ResultJson.Relaxed.RunResult);
    }

    /// <summary>Writes the joint result of several runs, each of which has a folder of <see cref="OfSeed"/>.</summary>
    /// <param name="configuration">The configuration of the first run.</param>
    /// <param name="result">The joint result.</param>
    public void Save(ExperimentConfiguration configuration, RunsResult result)
    {
        AtomicFile.Write(PathOf(ConfigurationName), ConfigurationFile.Serialize(configuration));
        Write(ResultName, result.Thinned, ResultJson.Relaxed.RunsResult);
    }

    /// <summary>Where the model is; it need not exist.</summary>
    internal string ModelPath => PathOf(ModelName);

    /// <summary>Whether it is no run's, but has the model of an ensemble.</summary>
    internal bool IsEnsemble => File.Exists(PathOf(EnsembleName));

    /// <summary>When the ensemble was made, UTC.</summary>
    internal DateTimeOffset EnsembleWritten => File.GetLastWriteTimeUtc(PathOf(EnsembleName));

    /// <summary>How the ensemble did when it was made.</summary>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    internal ModelEvaluation ReadEnsemble() => JsonFile.Read(
        Own(EnsembleName), ResultJson.Relaxed.ModelEvaluation,
        evaluation => evaluation is { Experiment: not null, Ensemble: { IsWhole: true } },
        "The model beside it can still be used; 'trainer ensemble' makes both again.");

    /// <summary>Writes how the ensemble does whose model is saved here.</summary>
    /// <param name="evaluation">What came out.</param>
    internal void Save(ModelEvaluation evaluation) => Write(EnsembleName, evaluation, ResultJson.Relaxed.ModelEvaluation);

    /// <summary>The folder, in this one, of one of several runs.</summary>
    /// <param name="seed">The run's seed.</param>
    public RunFolder OfSeed(uint seed)
    {
        return Open(Path.Combine(FullPath, string.Create(CultureInfo.InvariantCulture, $"{SeedPrefix}{seed}")));
    }

    /// <summary>The folder, in this one, of the run whose network this one's run starts from.</summary>
    public RunFolder OfStart() => Open(PathOf(StartName));

    private string PathOf(string name) => Path.Combine(FullPath, name);

    /// <summary>The path of a file to be read, which must lie in the folder itself.</summary>
    private string Own(string name)
    {
        string path = PathOf(name);
        return RegularFile.LiesIn(path, FullPath)
            ? path
            : throw new BadInputException($"{path} is a link to a file outside of the run's folder. Put the file itself there.");
    }

    private void Write<T>(string name, T document, JsonTypeInfo<T> type) =>
        AtomicFile.Write(PathOf(name), stream => JsonSerializer.Serialize(stream, document, type));
}
