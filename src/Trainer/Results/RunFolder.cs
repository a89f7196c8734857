using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuConvnet.Trainer.Configuration;

namespace GpuConvnet.Trainer.Results;

/// <summary>
/// The folder of <c>--out</c>. It is claimed before training, so that an hour's work is not lost to a folder that cannot
/// be written, and nothing in it is ever overwritten.
/// </summary>
public sealed class RunFolder
{
    /// <summary>The model's file name.</summary>
    public const string ModelName = "model.safetensors";

    private const string ResultName = "result.json";
    private const string ConfigurationName = "config.json";
    private const string HistoryName = "history.csv";
    private const string SeedPrefix = "seed-";
    private const string StartName = "from";

    private RunFolder(string path) => FullPath = path;

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

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
    public static RunFolder Claim(string path)
    {
        try
        {
            string fullPath = Path.GetFullPath(path);
            if (File.Exists(fullPath))
            {
                throw new BadInputException($"--out {path} is a file; name a folder that does not exist yet.");
            }

            Directory.CreateDirectory(fullPath);
            if (Directory.EnumerateFileSystemEntries(fullPath).FirstOrDefault() is { } found)
            {
                string what = File.Exists(Path.Combine(fullPath, ResultName))
                    ? "already holds a run"
                    : $"is not empty (it holds {Path.GetFileName(found)})";
                throw new BadInputException(
                    $"--out {path} {what}, and a run is never overwritten; name a folder that does not exist yet.");
            }

            // Rights are not enough to know: the disk may be full or mounted read-only.
            string probe = Path.Combine(fullPath, ".writable");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return new RunFolder(fullPath);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"--out {path} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>Creates the folder of a run that several calls may come back to, or takes it as it is.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    internal static RunFolder Open(string path) => new(Directory.CreateDirectory(path).FullName);

    /// <summary>The finished run of a configuration, if the folder holds one.</summary>
    /// <param name="configuration">The configuration as it would be run; its description does not matter.</param>
    /// <exception cref="BadInputException">The folder holds a run with other settings, or a damaged one.</exception>
    internal RunResult? Find(ExperimentConfiguration configuration)
    {
        string resultPath = Path.Combine(FullPath, ResultName);
        if (!File.Exists(resultPath))
        {
            return null;
        }

        ExperimentConfiguration found = ConfigurationFile.Load(Path.Combine(FullPath, ConfigurationName));
        if (!Settings(found).AsSpan().SequenceEqual(Settings(configuration)))
        {
            throw new BadInputException($"{FullPath} holds a run with other settings. Delete it, or name another --out.");
        }

        try
        {
            using FileStream file = File.OpenRead(resultPath);
            return JsonSerializer.Deserialize(file, ResultJson.Relaxed.RunResult)
                ?? throw new JsonException("it holds no result");
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(
                $"{resultPath} cannot be read: {failure.Message} Delete the folder, and the run is made again.", failure);
        }

        static byte[] Settings(ExperimentConfiguration configuration) =>
            ConfigurationFile.Serialize(configuration with { Schema = null, Description = null });
    }

    /// <summary>Writes one run: configuration, history, model and, last, the result.</summary>
    /// <param name="configuration">The configuration as it was run, with everything resolved.</param>
    /// <param name="result">What came out.</param>
    /// <param name="parameters">The trained parameters, 9,760.</param>
    public void Save(ExperimentConfiguration configuration, RunResult result, float[] parameters)
    {
        SavedModel model = new(parameters, ModelMetadata.Of(configuration, result));
        Write(ConfigurationName, stream => stream.Write(ConfigurationFile.Serialize(configuration)));
        string history = HistoryTable.Of(result.History, configuration.IsValidation);
        Write(HistoryName, stream => stream.Write(Encoding.UTF8.GetBytes(history)));
        Write(ModelName, stream => Safetensors.Write(stream, model));
        Write(ResultName, stream => JsonSerializer.Serialize(stream, result, ResultJson.Relaxed.RunResult));
    }

    /// <summary>Writes the joint result of several runs, each of which has a folder of <see cref="OfSeed"/>.</summary>
    /// <param name="configuration">The configuration of the first run.</param>
    /// <param name="result">The joint result.</param>
    public void Save(ExperimentConfiguration configuration, RunsResult result)
    {
        Write(ConfigurationName, stream => stream.Write(ConfigurationFile.Serialize(configuration)));
        Write(ResultName, stream => JsonSerializer.Serialize(stream, result, ResultJson.Relaxed.RunsResult));
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
    public RunFolder OfStart() => new(Directory.CreateDirectory(Path.Combine(FullPath, StartName)).FullName);

    private void Write(string name, Action<Stream> write) => WholeFile.Write(Path.Combine(FullPath, name), write);
}
