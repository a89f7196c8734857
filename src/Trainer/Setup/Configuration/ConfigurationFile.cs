using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>Reads experiments: files of the user's, and those that come with the program.</summary>
internal static class ConfigurationFile
{
    /// <summary>The experiment of the bare command: the article's, on whatever digits are at hand.</summary>
    public const string DefaultName = "demo";

    private const int MostBytes = 1 << 20;
    private const string ResourcePrefix = "configs/";
    private const string Extension = ".json";

    /// <summary>The names of the experiments that come with the program.</summary>
    public static IReadOnlyList<string> EmbeddedNames { get; } = [.. typeof(ConfigurationFile).Assembly
        .GetManifestResourceNames()
        .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
        .Select(name => name[ResourcePrefix.Length..^Extension.Length])
        .Order(StringComparer.Ordinal)];

    /// <summary>Loads an experiment.</summary>
    /// <param name="nameOrPath">The name of one that comes with the program, or a file's path.</param>
    /// <exception cref="BadInputException">There is none, or it cannot be used; the message says where and why.</exception>
    public static ExperimentConfiguration Load(string nameOrPath)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        Assembly assembly = typeof(ConfigurationFile).Assembly;
        using Stream? embedded = assembly.GetManifestResourceStream(ResourcePrefix + nameOrPath + Extension);
        if (embedded is not null)
        {
            // It lies nowhere: a path in it counts from where the user is, and is the same wherever the run's folder is.
            ExperimentConfiguration configuration = Parse(ReadBounded(embedded, nameOrPath), nameOrPath);
            return configuration.Teacher is { } teacher ? configuration with { Teacher = Path.GetFullPath(teacher) } : configuration;
        }

        if (!File.Exists(nameOrPath))
        {
            throw new BadInputException(Directory.Exists(nameOrPath)
                ? $"{nameOrPath} is a folder, not a configuration file."
                : $"There is no configuration '{nameOrPath}': neither a file nor one of those that come with the "
                    + $"program ({string.Join(", ", EmbeddedNames)}){Suggestion.For(nameOrPath, EmbeddedNames)}");
        }

        return Load(nameOrPath, File.OpenRead);
    }

    /// <summary>Reads an experiment that a run was made with, from its folder.</summary>
    /// <param name="path">The file, which must be a regular one.</param>
    /// <exception cref="BadInputException">It cannot be used; the message says where and why.</exception>
    internal static ExperimentConfiguration LoadOfRun(string path) => Load(path, file => RegularFile.Open(file));

    private static ExperimentConfiguration Load(string path, Func<string, FileStream> open)
    {
        try
        {
            using FileStream file = open(path);
            ExperimentConfiguration configuration = Parse(ReadBounded(file, path), path);
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return configuration with
            {
                From = Locate(configuration.From, folder),
                Teacher = configuration.Teacher is { } teacher ? Path.GetFullPath(teacher, folder) : null,
                Files = configuration.Files?.LocatedIn(folder),
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Reads an experiment from JSON; comments and trailing commas are allowed.</summary>
    /// <param name="json">The document, UTF-8.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="BadInputException">It cannot be used; the message gives line and JSON path.</exception>
    public static ExperimentConfiguration Parse(ReadOnlySpan<byte> json, string name) => Parse(json, name, hasLines: true);

    /// <summary>Reads an experiment from JSON that is no file of the user's: errors give the JSON path and no line.</summary>
    /// <param name="json">The document.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="BadInputException">It cannot be used; the message gives the JSON path.</exception>
    internal static ExperimentConfiguration Parse(JsonObject json, string name) =>
        Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), name, hasLines: false);

    private static ExperimentConfiguration Parse(ReadOnlySpan<byte> json, string name, bool hasLines)
    {
        json = json.StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json;
        JsonLocations locations;
        try
        {
            locations = JsonLocations.Read(json, ConfigurationJson.Named.ExperimentConfiguration);
        }
        catch (JsonFaultException fault)
        {
            throw Refusal(Place(fault.Line), fault.Path, fault.Message, fault);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is not valid UTF-8 or UTF-16.
            if (json.Trim(" \t\r\n"u8).IsEmpty)
            {
                throw new BadInputException($"{name} is empty; an experiment is a JSON object.", failure);
            }

            long line = 1 + ((failure as JsonException)?.LineNumber ?? 0);
            throw new BadInputException($"{Place(line)}: {JsonFaults.Describe(json, failure)}", failure);
        }

        ExperimentConfiguration configuration;
        try
        {
            configuration = JsonSerializer.Deserialize(json, ConfigurationJson.Named.ExperimentConfiguration)
                ?? throw new BadInputException($"{name} holds no configuration.");
        }
        catch (JsonException failure)
        {
            string path = failure.Path ?? "$";
            string problem = failure.Message.StartsWith("expected", StringComparison.Ordinal)
                ? failure.Message
                : $"expected {Expected(path)}, found {locations.TextOf(path)}";
            throw Refusal(Place(locations.LineOf(path)), path, problem, failure);
        }

        foreach ((string path, string problem) in configuration.Problems())
        {
            throw Refusal(Place(locations.LineOf(path)), path, problem, null);
        }

        return configuration;

        string Place(long line) => hasLines ? string.Create(CultureInfo.InvariantCulture, $"{name}:{line}") : name;
    }

    /// <summary>What a <c>from</c> means where it was written: a name that comes with the program, or a full path.</summary>
    /// <param name="from">The name or path; null for none.</param>
    /// <param name="folder">The folder that a path is relative to.</param>
    internal static string? Locate(string? from, string folder) =>
        from is null || EmbeddedNames.Contains(from) ? from : Path.GetFullPath(from, folder);

    /// <summary>
    /// The configuration as a document that <see cref="Parse(ReadOnlySpan{byte}, string)"/> reads back. What layers that are
    /// listed say themselves is left out.
    /// </summary>
    internal static byte[] Serialize(ExperimentConfiguration configuration)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(configuration, ConfigurationJson.Named.ExperimentConfiguration);
        if (configuration.Architecture is { IsListed: true })
        {
            JsonObject document = JsonNode.Parse(json)!.AsObject();
            foreach (string key in (string[])["hidden", "output", "dropout"])
            {
                document.Remove(key);
            }

            json = Encoding.UTF8.GetBytes(document.ToJsonString(ConfigurationJson.Named.Options));
        }

        return [.. json, (byte)'\n'];
    }

    /// <summary>
    /// What tells settings apart: the SHA-256 of all but the description, in lower-case hexadecimal. Digits of the user's own are the
    /// same wherever they lie.
    /// </summary>
    internal static string Fingerprint(ExperimentConfiguration configuration) => Convert.ToHexStringLower(
        SHA256.HashData(Serialize(configuration with { Schema = null, Description = null, Files = configuration.Files?.Identity })));

    /// <summary>
    /// The fingerprint of the steps that a checkpoint can have taken: a run whose steps do not depend on how many there are has the
    /// same, however long it is.
    /// </summary>
    internal static string FingerprintOfSteps(ExperimentConfiguration configuration) => Fingerprint(
        !configuration.CanBeLengthened ? configuration
        : configuration.Steps is null ? configuration with { Passes = 1 }
        : configuration with { Steps = 1 });

    private static string Expected(string path) => path switch
    {
        "$" or "$.optimizer" => "an object",
        "$.optimizer.nesterov" or "$.weightNormalization" => "true or false",
        "$.optimizer.warmupSteps" => "a whole number",
        "$.network" or "$.data" or "$.distillation" => "an object",
        "$.data.transpose" => "true or false",
        _ when path.StartsWith("$.data.", StringComparison.Ordinal) => "a text",
        "$.distillation.temperature" or "$.distillation.labelShare" => "a number",
        "$.dropout" or "$.labelSmoothing" or "$.rotate" or "$.scale" or "$.elastic" or "$.undistorted" => "a number",
        _ when path.StartsWith("$.optimizer.", StringComparison.Ordinal) => "a number",
        "$.batch" => "\"full\" or a positive whole number",
        "$.experiment" or "$.description" or "$.from" or "$.teacher" or "$.$schema" => "a text",
        "$.seed" or "$.dataSeed" => string.Create(
            CultureInfo.InvariantCulture, $"a whole number from 0 to {uint.MaxValue}"),
        _ => "a whole number",
    };

    private static BadInputException Refusal(string place, string path, string problem, Exception? cause)
    {
        string message = $"{place}: {path}: {problem}";
        return cause is null ? new BadInputException(message) : new BadInputException(message, cause);
    }

    private static byte[] ReadBounded(Stream stream, string name)
    {
        // Of a pipe nobody knows the length; a file need not be waited for beyond its own.
        byte[] buffer = new byte[stream.CanSeek && stream.Length is > 0 and < MostBytes ? (int)stream.Length + 1 : MostBytes + 1];
        int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length <= MostBytes
            ? buffer[..length]
            : throw new BadInputException($"{name} is larger than 1 MiB: that is no configuration.");
    }
}
