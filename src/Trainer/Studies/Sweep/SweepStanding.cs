using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>How a point stands among the others.</summary>
internal sealed record SweepStanding
{
    /// <summary>From 1, the best.</summary>
    public required int Rank { get; init; }

    /// <summary>The point's number.</summary>
    public required int Point { get; init; }

    /// <summary>What the point sets, by JSON path.</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>How many of its runs diverged; left out when none did. The statistics are over the others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Diverged { get; init; }

    /// <summary>Validation digits classified wrongly; null when every run diverged.</summary>
    public Statistic? ValidationMisses { get; init; }

    /// <summary>The mean loss over the validation digits.</summary>
    public Statistic? ValidationLoss { get; init; }

    /// <summary>Training digits classified wrongly.</summary>
    public Statistic? TrainMisses { get; init; }

    /// <summary>The time of a run's training, in seconds.</summary>
    public required Statistic Seconds { get; init; }

    /// <summary>The runs, in the order of their seeds.</summary>
    public required IReadOnlyList<SweepRun> Runs { get; init; }

    /// <summary>
    /// Orders points by their mean validation misses, then their mean validation loss. Points that were trained with more
    /// seeds come first (they are those that halving kept, or that an interruption left complete); points of which a run
    /// diverged come after those of as many seeds of which none did.
    /// </summary>
    /// <param name="runs">The finished runs of all points.</param>
    public static SweepStanding[] Order(IEnumerable<SweepRun> runs) =>
    [
        .. runs.GroupBy(run => run.Point)
            .Select(point => Of([.. point.OrderBy(run => run.Seed)]))
            .OrderByDescending(standing => standing.Runs.Count)
            .ThenBy(standing => standing.Diverged)
            .ThenBy(standing => standing.ValidationMisses?.Mean)
            .ThenBy(standing => standing.ValidationLoss?.Mean)
            .ThenBy(standing => standing.Point)
            .Select((standing, index) => standing with { Rank = index + 1 }),
    ];

    private static SweepStanding Of(SweepRun[] runs)
    {
        SweepRun[] whole = [.. runs.Where(run => !run.Diverged)];
        return new SweepStanding
        {
            Rank = 0,
            Point = runs[0].Point,
            Settings = runs[0].Settings.DeepClone().AsObject(),
            Diverged = runs.Length - whole.Length,
            ValidationMisses = Over(run => run.Validation!.Misses),
            ValidationLoss = Over(run => run.Validation!.Loss),
            TrainMisses = Over(run => run.Train!.Misses),
            Seconds = Statistic.Of([.. runs.Select(run => run.Seconds)]),
            Runs = runs,
        };

        Statistic? Over(Func<SweepRun, double> quantity) =>
            whole.Length == 0 ? null : Statistic.Of([.. whole.Select(quantity)]);
    }
}
