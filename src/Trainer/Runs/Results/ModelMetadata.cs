using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Setup.Networks;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What a saved model says about itself: enough to evaluate it on the digits it was trained for.</summary>
internal static class ModelMetadata
{
    /// <summary>
    /// The key of a fingerprint of all that a model's file holds: the SHA-256, in lower-case hexadecimal, of the other metadata, a line
    /// <c>key=value</c> each in the order of the keys, and of the parameters as little-endian float32.
    /// </summary>
    public const string ContentKey = "contentSha256";

    /// <summary>The key whose value describes the members of an ensemble; no single network's model has it.</summary>
    public const string EnsembleKey = "ensemble";

    /// <summary>The metadata of a run's model.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="result">What came out.</param>
    /// <param name="parameters">The trained parameters.</param>
    public static Dictionary<string, string> Of(ExperimentConfiguration configuration, RunResult result, float[] parameters)
    {
        Dictionary<string, string> metadata = Of(configuration);
        metadata["seed"] = Text(configuration.Seed);
        metadata["passes"] = Text(result.Passes);
        metadata["steps"] = Text(result.Steps);
        AddContent(metadata, parameters);
        return metadata;
    }

    /// <summary>Adds the fingerprint of all that a model's file is to hold.</summary>
    /// <param name="metadata">All other metadata.</param>
    /// <param name="parameters">All parameters.</param>
    public static void AddContent(Dictionary<string, string> metadata, float[] parameters) =>
        metadata[ContentKey] = ContentSha256(metadata, parameters);

    /// <summary>The metadata that say which network a configuration describes, and which digits it is for.</summary>
    /// <param name="configuration">The configuration.</param>
    public static Dictionary<string, string> Of(ExperimentConfiguration configuration)
    {
        Dictionary<string, string> metadata = OfDigits(configuration);
        metadata["hidden"] = configuration.Hidden.Name;
        metadata["output"] = configuration.Output.Name;
        metadata["loss"] = configuration.Loss.Name;
        if (configuration.Connections is { } connections)
        {
            metadata["connections"] = connections.ToString();
        }

        if (configuration.Architecture is { } network)
        {
            metadata["network"] = network.Json;
            if (network.IsListed)
            {
                metadata.Remove("hidden");
                metadata.Remove("output");
            }
        }

        return metadata;
    }

    /// <summary>The metadata that say which digits a model is for.</summary>
    /// <param name="configuration">The configuration.</param>
    public static Dictionary<string, string> OfDigits(ExperimentConfiguration configuration)
    {
        Dictionary<string, string> metadata = new()
        {
            // Loaders of the Hugging Face family insist on this key.
            ["format"] = "pt",
            ["experiment"] = configuration.Experiment,
            ["dataset"] = configuration.Dataset.Name,
            ["order"] = ConfigurationNames.Order[configuration.Order],
            ["train"] = Text(configuration.Train),
            ["test"] = Text(configuration.Test),
            ["dataSeed"] = Text(configuration.DataSeed),
        };
        if (configuration.IsValidation)
        {
            metadata["validation"] = Text(configuration.Validation);
        }

        if (configuration.Files is { } files)
        {
            metadata["data"] = JsonSerializer.Serialize(files, DataFilesJson.Compact.DataFiles);
        }

        return metadata;
    }

    /// <summary>Reads a model of one network, of whichever it says it is, or the configuration that was named with it.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="configuration">The configuration; null for none, and the network of 1989 if the file does not say.</param>
    /// <exception cref="BadInputException">It is no such model, or an ensemble.</exception>
    public static SavedModel Read(string path, ExperimentConfiguration? configuration) => Read(
        path,
        metadata => metadata.ContainsKey(EnsembleKey)
            ? throw new BadInputException($"{path} is an ensemble of several networks; name one of those that it was made of.")
            : PartsOf(metadata, configuration, path));

    /// <summary>The parts of the one network that metadata describe, or the configuration that was named with them.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <param name="configuration">The configuration; null for none, and the network of 1989 if the metadata do not say.</param>
    /// <param name="path">What errors call the model.</param>
    /// <exception cref="BadInputException">They describe no network.</exception>
    public static IReadOnlyList<ParameterPart> PartsOf(
        IReadOnlyDictionary<string, string> metadata, ExperimentConfiguration? configuration, string path) =>
        metadata.ContainsKey("network") || configuration?.Architecture is not null
            ? Describe(metadata, configuration, path).Parts
            : Parameters.Parts;

    /// <summary>Reads a model, and holds it to the fingerprint that was saved with it.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="partsOf">The parts that its metadata make it have.</param>
    /// <exception cref="BadInputException">It is no such model, or damaged.</exception>
    public static SavedModel Read(
        string path, Func<IReadOnlyDictionary<string, string>, IReadOnlyList<ParameterPart>> partsOf)
    {
        SavedModel model = Safetensors.Read(path, partsOf);

        // Numbers of another kind than this program writes are no longer those that were fingerprinted.
        bool isFingerprinted = model.Metadata.TryGetValue(ContentKey, out string? content);
        if (isFingerprinted && model.Note is null && content != ContentSha256(model.Metadata, model.Parameters))
        {
            throw new BadInputException(
                $"{path} is damaged: it does not hold what was saved (its {ContentKey}). Take it from a copy; or, of a run, --resume makes it "
                + $"again from the checkpoints. If a program of yours changed it, have it leave the metadata {ContentKey} out.");
        }

        // Of models of earlier versions, what the run recorded is all there is.
        if (!isFingerprinted && RunFolder.ParametersSha256Beside(path) is { } recorded
            && recorded != ParameterBytes.Sha256(model.Parameters))
        {
            throw new BadInputException(
                $"{path} does not hold the parameters that the run beside it recorded (parametersSha256 {Excerpt.Of(recorded)}). Take it from a "
                + "copy, or let --resume make it again from the checkpoints; another model belongs into another folder.");
        }

        return model;
    }

    private static string ContentSha256(IReadOnlyDictionary<string, string> metadata, float[] parameters)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<KeyValuePair<string, string>> others = metadata.Where(pair => pair.Key != ContentKey);
        foreach ((string key, string value) in others.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{key}={value}\n"));
        }

        hash.AppendData(ParameterBytes.Of(parameters));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The configuration whose network and digits a model was trained with.</summary>
    /// <param name="metadata">The model's metadata.</param>
    /// <param name="configuration">What applies to whatever the metadata leaves out; null when nothing does.</param>
    /// <param name="path">What errors call the model.</param>
    /// <exception cref="BadInputException">The metadata say too little, or what is no network.</exception>
    public static ExperimentConfiguration Describe(
        IReadOnlyDictionary<string, string> metadata, ExperimentConfiguration? configuration, string path)
    {
        NetworkDescription? network = Network();
        if (configuration is null && !(metadata.ContainsKey("loss")
            && (network is { IsListed: true } || (metadata.ContainsKey("hidden") && metadata.ContainsKey("output")))))
        {
            throw new BadInputException($"{path} does not say which network it is for ('hidden', 'output' and 'loss' in "
                + "its metadata). Give --config with an experiment of the same network, such as 1989-base.");
        }

        ExperimentConfiguration described = configuration ?? new ExperimentConfiguration
        {
            Experiment = metadata.GetValueOrDefault("experiment", path),
            Optimizer = new OptimizerOptions(Optimizer.Of<Sgd>(), 0.03),
            Passes = 1,
        };
        described = described with
        {
            Architecture = network ?? described.Architecture,
            Hidden = Named("hidden", ConfigurationNames.Hidden, described.Hidden),
            Output = Named("output", ConfigurationNames.Output, described.Output),
            Loss = Named("loss", ConfigurationNames.Loss, described.Loss),
            Connections = Table("connections", described.Connections),
        };
        if (network is { IsListed: true })
        {
            ExperimentConfiguration listed = new() { Experiment = described.Experiment, Optimizer = described.Optimizer };
            described = described with { Hidden = listed.Hidden, Output = listed.Output, Dropout = 0, Connections = null };
        }

        if (configuration is null)
        {
            described = described with
            {
                Dataset = Named("dataset", ConfigurationNames.Dataset, described.Dataset),
                Files = Files() ?? described.Files,
                Order = Named("order", ConfigurationNames.Order, described.Order),
                Train = (int)Number("train", described.Train, int.MaxValue),
                Test = (int)Number("test", described.Test, int.MaxValue),
                Validation = (int)Number("validation", described.Validation, int.MaxValue),
                DataSeed = (uint)Number("dataSeed", described.DataSeed, uint.MaxValue),
            };
        }

        foreach ((string problemPath, string problem) in described.Problems())
        {
            throw new BadInputException($"{path}: metadata {problemPath}: {problem}");
        }

        return described;

        T Named<T>(string key, NameTable<T> names, T otherwise)
            where T : notnull => !metadata.TryGetValue(key, out string? name)
                ? otherwise
                : names.TryParse(name, out T? value)
                    ? value
                    : throw new BadInputException(
                        $"{path}: metadata '{key}': expected one of {string.Join(", ", names.Names)}, found \"{Excerpt.Of(name)}\"");

        NetworkDescription? Network()
        {
            if (!metadata.TryGetValue("network", out string? text))
            {
                return null;
            }

            try
            {
                return JsonSerializer.Deserialize(text, ConfigurationJson.Named.NetworkDescription);
            }
            catch (JsonException failure)
            {
                throw new BadInputException(
                    $"{path}: metadata 'network': {Excerpt.Of(failure.Message.Split(" Path:")[0], 300)}", failure);
            }
        }

        DataFiles? Files()
        {
            try
            {
                return metadata.TryGetValue("data", out string? text)
                    ? JsonSerializer.Deserialize(text, DataFilesJson.Compact.DataFiles)
                    : null;
            }
            catch (JsonException failure)
            {
                throw new BadInputException(
                    $"{path}: metadata 'data': {Excerpt.Of(failure.Message.Split(" Path:")[0], 300)}", failure);
            }
        }

        H2Connections? Table(string key, H2Connections? otherwise)
        {
            if (!metadata.TryGetValue(key, out string? text))
            {
                return otherwise;
            }

            try
            {
                return JsonSerializer.Deserialize(text, ConfigurationJson.Named.H2Connections);
            }
            catch (JsonException failure)
            {
                throw new BadInputException($"{path}: metadata '{key}': {Excerpt.Of(failure.Message.Split(" Path:")[0], 300)}", failure);
            }
        }

        long Number(string key, long otherwise, long most) => !metadata.TryGetValue(key, out string? text)
            ? otherwise
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= most
                ? value
                : throw new BadInputException(
                    $"{path}: metadata '{key}': expected a whole number from 0 to {most}, found \"{Excerpt.Of(text)}\"");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
