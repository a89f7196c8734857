using System.Globalization;
using System.Text.Json.Nodes;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Randomness;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>From axes to the points of a sweep: all combinations, or some drawn at random.</summary>
internal static class SweepSpace
{
    /// <summary>The most points of a sweep.</summary>
    public const int MostPoints = 10_000;

    private const string KindPath = "optimizer.kind";

    // A space of few points is exhausted when this many draws in a row find nothing new.
    private const int MostRepeats = 1_000;

    /// <summary>Every combination of the axes' values, the last axis varying fastest.</summary>
    /// <param name="configuration">What the points have in common.</param>
    /// <param name="axes">What they differ in.</param>
    /// <exception cref="BadInputException">An axis is a range, there are too many points, or one is no experiment.</exception>
    public static SweepPoint[] Grid(ExperimentConfiguration configuration, IReadOnlyList<SweepAxis> axes)
    {
        RequireDistinct(axes);
        if (axes.FirstOrDefault(axis => axis.IsRange) is { } range)
        {
            throw new BadInputException(
                $"--set {range.Text} is a range, which a grid cannot walk. Draw points from it with --random N, or list values.");
        }

        long count = axes.Aggregate(1L, (product, axis) => Math.Min(product * axis.Values.Count, int.MaxValue));
        if (count > MostPoints)
        {
            throw new BadInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"The grid has more than {MostPoints:N0} points. List fewer values, or draw some of the points with --random N."));
        }

        IEnumerable<string[]> combinations = [[]];
        foreach (SweepAxis axis in axes)
        {
            combinations = combinations.SelectMany(_ => axis.Values, (earlier, value) => (string[])[.. earlier, value]);
        }

        return Points(configuration, axes, combinations);
    }

    /// <summary>Points drawn at random, all different; the same for the same seed, and more begin with the same.</summary>
    /// <param name="configuration">What the points have in common.</param>
    /// <param name="axes">What they differ in.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Which.</param>
    /// <exception cref="BadInputException">There are fewer points than asked for, or one is no experiment.</exception>
    public static SweepPoint[] Random(
        ExperimentConfiguration configuration, IReadOnlyList<SweepAxis> axes, int count, uint seed)
    {
        RequireDistinct(axes);
        Mt19937 random = new(seed);
        List<string[]> combinations = [];
        HashSet<string> seen = [];
        for (int repeats = 0; combinations.Count < count; repeats++)
        {
            string[] drawn = [.. axes.Select(axis => axis.Draw(random))];
            if (seen.Add(string.Join('\n', drawn)))
            {
                combinations.Add(drawn);
                repeats = -1;
            }
            else if (repeats >= MostRepeats)
            {
                throw new BadInputException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"--random {count} asks for more points than there are: {combinations.Count} different ones were found. "
                    + $"Ask for fewer, or leave --random out for the whole grid."));
            }
        }

        return Points(configuration, axes, combinations);
    }

    /// <summary>How many points a sweep has.</summary>
    /// <exception cref="BadInputException">What it says of them cannot be read.</exception>
    public static int Count(SweepDefinition definition) => definition.Random
        ?? (int)definition.Set.Aggregate(1L, (product, axis) => Math.Min(product * SweepAxis.Parse(axis).Values.Count, MostPoints));

    private static void RequireDistinct(IReadOnlyList<SweepAxis> axes)
    {
        if (axes.GroupBy(axis => axis.Path).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new BadInputException($"--set {twice.Key} is given twice. Give all its values in one.");
        }
    }

    private static SweepPoint[] Points(
        ExperimentConfiguration configuration, IReadOnlyList<SweepAxis> axes, IEnumerable<string[]> combinations)
    {
        return [.. combinations.Select((values, index) =>
        {
            JsonObject settings = [];
            for (int i = 0; i < values.Length; i++)
            {
                settings[axes[i].Path] = JsonNode.Parse(values[i]);
            }

            return new SweepPoint(index + 1, settings, Of(configuration, settings));
        })];
    }

    /// <summary>The experiment of a point.</summary>
    /// <param name="configuration">What all points have in common.</param>
    /// <param name="settings">What the point sets, by JSON path.</param>
    /// <exception cref="BadInputException">It is no experiment.</exception>
    public static ExperimentConfiguration Of(ExperimentConfiguration configuration, JsonObject settings)
    {
        if (ConfigurationNames.Optimizer.TryParse(settings[KindPath]?.ToString(), out Optimizer? kind)
            && kind != configuration.Optimizer.Kind)
        {
            configuration = configuration with { Optimizer = Another(kind, configuration.Optimizer) };
        }

        JsonObject json = JsonNode.Parse(ConfigurationFile.Serialize(configuration with { Schema = null }))!.AsObject();
        foreach ((string path, JsonNode? value) in settings)
        {
            Set(json, path, value);
        }

        // A configuration gives one of the two; a point that sets the other means that one.
        if (settings.ContainsKey("steps") != settings.ContainsKey("passes"))
        {
            json.Remove(settings.ContainsKey("steps") ? "passes" : "steps");
        }

        return ConfigurationFile.Parse(json, $"{configuration.Experiment} with {SweepPoint.Text(settings)}");
    }

    /// <summary>
    /// Another optimizer in the place of the base's: the learning rate, its course and the decay stay, as far as it knows them; the
    /// constants are its own authors', and not what the base sets for the one that it has.
    /// </summary>
    private static OptimizerOptions Another(Optimizer kind, OptimizerOptions before)
    {
        OptimizerOptions options = new(kind, before.LearningRate)
        {
            WarmupSteps = before.WarmupSteps,
            WeightDecay = kind.UsesCurvature ? 0 : before.WeightDecay,
        };
        return kind.EvaluatesAverage
            ? options
            : options with { Schedule = before.Schedule, ScheduleSpan = before.ScheduleSpan, FinalLearningRate = before.FinalLearningRate };
    }

    private static void Set(JsonObject json, string path, JsonNode? value)
    {
        string[] keys = path.Split('.');
        for (int i = 0; i < keys.Length - 1; i++)
        {
            // A key that is not there is created: reading the whole says that it is unknown, and what was meant.
            json[keys[i]] ??= new JsonObject();
            json = json[keys[i]] as JsonObject ?? throw new BadInputException(
                $"--set {path}: $.{string.Join('.', keys[..(i + 1)])} is a value, and there is nothing in it to set.");
        }

        json[keys[^1]] = value?.DeepClone();
    }
}
