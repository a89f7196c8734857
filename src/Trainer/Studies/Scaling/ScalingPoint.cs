using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>One network trained on one number of digits, over its seeds.</summary>
internal sealed record ScalingPoint
{
    /// <summary>The network's width.</summary>
    public required double Width { get; init; }

    /// <summary>Its parameters.</summary>
    public required int Parameters { get; init; }

    /// <summary>Its multiply-accumulates an example, forward: what recognizing a digit costs.</summary>
    public required long Operations { get; init; }

    /// <summary>How many digits it was trained on.</summary>
    public required int Digits { get; init; }

    /// <summary>
    /// Multiply-accumulates of training, counted forward: those of an example times the examples that training looks at, pass
    /// after pass. Backward comes on top.
    /// </summary>
    public required double Compute { get; init; }

    /// <summary>The seeds of the runs that are finished.</summary>
    public required IReadOnlyList<uint> Seeds { get; init; }

    /// <summary>How many of them diverged; left out when none did. The statistics are over the others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Diverged { get; init; }

    /// <summary>The digits classified wrongly, in percent of those it is tested on; null when every run diverged.</summary>
    public Statistic? ErrorPercent { get; init; }

    /// <summary>Training digits classified wrongly, in percent.</summary>
    public Statistic? TrainErrorPercent { get; init; }

    /// <summary>The time of a run's training, in seconds.</summary>
    public required Statistic Seconds { get; init; }

    /// <summary>The point of some runs.</summary>
    /// <param name="runs">Finished runs of one width and number of digits, one at least.</param>
    /// <param name="parameters">The network's parameters.</param>
    /// <param name="operations">Its multiply-accumulates an example, forward.</param>
    /// <param name="presentations">The examples that a run looks at.</param>
    public static ScalingPoint Of(IReadOnlyList<ScalingRun> runs, int parameters, long operations, long presentations)
    {
        ScalingRun[] whole = [.. runs.Where(run => !run.Diverged)];
        return new ScalingPoint
        {
            Width = runs[0].Width,
            Parameters = parameters,
            Operations = operations,
            Digits = runs[0].Digits,
            Compute = (double)operations * presentations,
            Seeds = [.. runs.Select(run => run.Seed)],
            Diverged = runs.Count - whole.Length,
            ErrorPercent = Over(run => run.Test!.ErrorPercent),
            TrainErrorPercent = Over(run => run.Train!.ErrorPercent),
            Seconds = Statistic.Of([.. runs.Select(run => run.Seconds)]),
        };

        Statistic? Over(Func<ScalingRun, double> quantity) =>
            whole.Length == 0 ? null : Statistic.Of([.. whole.Select(quantity)]);
    }
}
