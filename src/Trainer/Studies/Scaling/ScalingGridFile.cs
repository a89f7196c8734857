using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>A grid, read, and the experiment of each of its points. Errors name the file, the line and the JSON path.</summary>
internal sealed class ScalingGridFile
{
    /// <summary>The most points, seeds aside.</summary>
    public const int MostPoints = 10_000;

    private const int MostBytes = 1 << 20;
    private const int MostValues = 1_000;

    private readonly string _path;
    private readonly JsonLocations _locations;
    private readonly byte[] _common;

    private ScalingGridFile(string path, ScalingGrid grid, JsonLocations locations, ExperimentConfiguration common)
    {
        _path = path;
        _locations = locations;
        _common = ConfigurationFile.Serialize(common with { Schema = null });
        Grid = grid;
        Base = common;
    }

    /// <summary>The grid; widths and numbers of digits ascend.</summary>
    public ScalingGrid Grid { get; }

    /// <summary>The base experiment.</summary>
    public ExperimentConfiguration Base { get; }

    /// <summary>Reads a grid and its base experiment.</summary>
    /// <param name="path">The grid's file; comments and trailing commas are allowed.</param>
    /// <exception cref="BadInputException">It is no grid, or its base experiment is none that has widths.</exception>
    public static ScalingGridFile Read(string path)
    {
        byte[] json = ReadBytes(path);
        JsonLocations locations = Locate(json, path);
        ScalingGrid grid;
        try
        {
            grid = JsonSerializer.Deserialize(json, ScalingJson.Lenient.ScalingGrid)!;
        }
        catch (JsonException failure)
        {
            string at = failure.Path ?? "$";
            throw Refusal(path, locations.LineOf(at), at, $"expected {Expected(at)}, found {locations.TextOf(at)}", failure);
        }

        Check(grid.Widths, "$.widths");
        Check(grid.Train, "$.train");
        Check(grid.Seeds, "$.seeds");
        if (grid.LearningRates is { } rates && rates.Count != grid.Widths.Count)
        {
            throw Refusal(path, locations.LineOf("$.learningRates"), "$.learningRates", FormattableString.Invariant(
                $"expected a learning rate per width, {grid.Widths.Count} of them, found {rates.Count}"));
        }

        if (grid.Widths.Count * grid.Train.Count > MostPoints)
        {
            throw Refusal(path, locations.LineOf("$.widths"), "$.widths", FormattableString.Invariant(
                $"expected at most {MostPoints} points, found {grid.Widths.Count} widths of {grid.Train.Count} numbers of digits"));
        }

        ExperimentConfiguration common = LoadBase(grid.Base, path, locations);
        return new ScalingGridFile(path, Sorted(grid), locations, common).Checked(grid);

        void Check<T>(IReadOnlyList<T> values, string at)
        {
            if (values.Count is 0 or > MostValues)
            {
                throw Refusal(path, locations.LineOf(at), at, FormattableString.Invariant(
                    $"expected a list of 1 to {MostValues} values, found {values.Count}"));
            }

            for (int i = 1; i < values.Count; i++)
            {
                if (values.Take(i).Contains(values[i]))
                {
                    string item = $"{at}[{i}]";
                    throw Refusal(path, locations.LineOf(item), item, $"{locations.TextOf(item)} is there twice; remove one");
                }
            }
        }
    }

    /// <summary>The experiment of a point.</summary>
    /// <param name="width">The network's width.</param>
    /// <param name="train">How many digits it is trained on.</param>
    /// <exception cref="BadInputException">There is no such network, or no such number of digits.</exception>
    public ExperimentConfiguration Configuration(double width, int train) => Configuration(width, train, _path);

    /// <summary>Tries every value by itself, so that an error names the value that is wrong.</summary>
    private ScalingGridFile Checked(ScalingGrid asWritten)
    {
        for (int i = 0; i < asWritten.Widths.Count; i++)
        {
            double rate = asWritten.LearningRates?[i] ?? Base.Optimizer.LearningRate;
            if (!(rate > 0 && rate <= ExperimentConfiguration.MostLearningRate))
            {
                string at = $"$.learningRates[{i}]";
                throw Refusal(_path, _locations.LineOf(at), at, FormattableString.Invariant(
                    $"expected a number above 0 and up to {ExperimentConfiguration.MostLearningRate}, found {rate}"));
            }

            Configuration(asWritten.Widths[i], Base.Train, Place($"$.widths[{i}]"));
        }

        for (int i = 0; i < asWritten.Train.Count; i++)
        {
            Configuration(asWritten.Widths[0], asWritten.Train[i], Place($"$.train[{i}]"));
        }

        return this;

        string Place(string at) => string.Create(
            CultureInfo.InvariantCulture, $"{_path}:{_locations.LineOf(at)}: {at}: {_locations.TextOf(at)} in {Base.Experiment}");
    }

    private ExperimentConfiguration Configuration(double width, int train, string place) => Point(
        JsonNode.Parse(_common)!.AsObject(),
        width,
        train,
        Grid.LearningRates?[Grid.Widths.TakeWhile(other => other != width).Count()],
        place);

    /// <summary>The experiment of a point.</summary>
    /// <param name="json">What all points have in common; it is changed.</param>
    /// <param name="width">The network's width.</param>
    /// <param name="train">How many digits it is trained on.</param>
    /// <param name="learningRate">The learning rate; null for the one that all have.</param>
    /// <param name="place">What errors call it.</param>
    /// <exception cref="BadInputException">There is no such network, or no such number of digits.</exception>
    public static ExperimentConfiguration Point(JsonObject json, double width, int train, double? learningRate, string place)
    {
        if (learningRate is { } rate)
        {
            json["optimizer"]!["learningRate"] = rate;
        }

        json["network"] = new JsonObject { ["family"] = "1989", ["width"] = width };
        json["train"] = train;
        return ConfigurationFile.Parse(json, place);
    }

    private static ExperimentConfiguration LoadBase(string name, string path, JsonLocations locations)
    {
        const string At = "$.base";
        ExperimentConfiguration common;
        try
        {
            common = ConfigurationFile.Load(ConfigurationFile.Locate(name, Path.GetDirectoryName(Path.GetFullPath(path))!)!);
        }
        catch (BadInputException failure)
        {
            throw Refusal(path, locations.LineOf(At), At, failure.Message, failure);
        }
        catch (ArgumentException failure)
        {
            string found = locations.TextOf(At);
            throw Refusal(path, locations.LineOf(At), At, $"expected an experiment's name or file, found {found}", failure);
        }

        string? problem = common switch
        {
            { From: { } from } => $"starts from {from}, and networks of other widths cannot",
            { Architecture: not null } => "has a \"network\" of its own, and the grid says the width",
            { Connections: not null } => "has \"connections\" of its own, which fit width 1 alone",
            { WeightNormalization: true } => "has weight normalization, which is for width 1 alone",
            _ => null,
        };
        return problem is null
            ? common
            : throw Refusal(path, locations.LineOf(At), At, $"{common.Experiment} {problem}; name another experiment");
    }

    private static ScalingGrid Sorted(ScalingGrid grid)
    {
        int[] order = [.. Enumerable.Range(0, grid.Widths.Count).OrderBy(i => grid.Widths[i])];
        return grid with
        {
            Widths = [.. order.Select(i => grid.Widths[i])],
            LearningRates = grid.LearningRates is { } rates ? [.. order.Select(i => rates[i])] : null,
            Train = [.. grid.Train.Order()],
        };
    }

    private static JsonLocations Locate(byte[] json, string path)
    {
        try
        {
            return JsonLocations.Read(json, ScalingJson.Lenient.ScalingGrid);
        }
        catch (JsonFaultException fault)
        {
            throw Refusal(path, fault.Line, fault.Path, fault.Message, fault);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is not valid UTF-8 or UTF-16.
            long line = 1 + ((failure as JsonException)?.LineNumber ?? 0);
            throw new BadInputException(
                string.Create(CultureInfo.InvariantCulture, $"{path}:{line}: {JsonFaults.Describe(json, failure)}"), failure);
        }
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                throw new BadInputException(Directory.Exists(path)
                    ? $"{path} is a folder; name a grid's file, such as configs/scale/builtin.json."
                    : $"There is no file {path}; name a grid's, such as configs/scale/builtin.json.");
            }

            if (new FileInfo(path).Length > MostBytes)
            {
                throw new BadInputException($"{path} is larger than 1 MiB: that is no grid.");
            }

            byte[] json = File.ReadAllBytes(path);
            return json.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    private static string Expected(string at) => at switch
    {
        "$" => "an object",
        "$.base" => "a text",
        "$.widths" or "$.train" or "$.seeds" or "$.learningRates" => "a list",
        _ when at.StartsWith("$.widths", StringComparison.Ordinal)
            || at.StartsWith("$.learningRates", StringComparison.Ordinal) => "a number",
        _ when at.StartsWith("$.seeds", StringComparison.Ordinal) =>
            string.Create(CultureInfo.InvariantCulture, $"a whole number from 0 to {uint.MaxValue}"),
        _ => "a whole number",
    };

    private static BadInputException Refusal(string path, long line, string at, string problem, Exception? cause = null)
    {
        string message = string.Create(CultureInfo.InvariantCulture, $"{path}:{line}: {at}: {problem}");
        return cause is null ? new BadInputException(message) : new BadInputException(message, cause);
    }
}
