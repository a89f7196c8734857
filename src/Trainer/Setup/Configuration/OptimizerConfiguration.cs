using System.Text.Json.Serialization;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Schedules;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>The <c>optimizer</c> of an experiment: the rule, its constants and the learning rate's schedule.</summary>
public sealed record OptimizerConfiguration
{
    /// <summary>The rule.</summary>
    public required OptimizerKind Kind { get; init; }

    /// <summary>The size of a step at its peak: positive and finite.</summary>
    public required double LearningRate { get; init; }

    /// <summary>How the learning rate falls.</summary>
    public ScheduleKind Schedule { get; set; } = ScheduleKind.Constant;

    /// <summary>How long a rate of the schedule holds.</summary>
    public ScheduleSpan ScheduleSpan { get; set; } = ScheduleSpan.Step;

    /// <summary>The learning rate of the last step, for schedules that fall.</summary>
    public double FinalLearningRate { get; set; }

    /// <summary>Steps over which the learning rate first rises to its peak.</summary>
    public int WarmupSteps { get; set; }

    /// <summary>SGD's momentum, in [0, 1).</summary>
    public double Momentum { get; set; }

    /// <summary>Whether SGD's momentum is Nesterov's.</summary>
    public bool Nesterov { get; set; }

    /// <summary>Adam's decay of the gradient's mean, in [0, 1).</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>Adam's decay of the squared gradient's mean, in [0, 1).</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>What Adam adds to the root, above 0.</summary>
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>The rate at which parameters shrink, times the learning rate, a step.</summary>
    public double WeightDecay { get; set; }

    /// <summary>Whether the rule is parameter -= learningRate * gradient and nothing else.</summary>
    [JsonIgnore]
    public bool IsPlainSgd => this is
    {
        Kind: OptimizerKind.Sgd,
        Schedule: ScheduleKind.Constant,
        WarmupSteps: 0,
        Momentum: 0,
        WeightDecay: 0,
    };

    /// <summary>The rule and its constants.</summary>
    [JsonIgnore]
    public OptimizerOptions Options => new(Kind, Momentum, Nesterov, Beta1, Beta2, Epsilon, WeightDecay);

    /// <summary>The learning rate of every step.</summary>
    /// <param name="stepsPerPass">The steps of a pass.</param>
    internal LearningRateSchedule LearningRateSchedule(int stepsPerPass) => new(
        Schedule, LearningRate, FinalLearningRate, WarmupSteps, ScheduleSpan == ScheduleSpan.Pass ? stepsPerPass : 1);

    /// <summary>What is wrong with the values, each with the JSON path of the value to change.</summary>
    internal IEnumerable<(string Path, string Problem)> Problems()
    {
        const string Path = "$.optimizer.";
        const double MostLearningRate = ExperimentConfiguration.MostLearningRate;
        if (!(LearningRate > 0 && LearningRate <= MostLearningRate))
        {
            yield return (Path + "learningRate", Expected($"a number above 0 and up to {MostLearningRate}", LearningRate));
        }

        if (!(FinalLearningRate >= 0 && FinalLearningRate <= LearningRate))
        {
            yield return (Path + "finalLearningRate", Expected("a number from 0 to learningRate", FinalLearningRate));
        }

        if (WarmupSteps < 0)
        {
            yield return (Path + "warmupSteps", Expected("a whole number from 0", WarmupSteps));
        }

        if (WarmupSteps > 0 && ScheduleSpan == ScheduleSpan.Pass)
        {
            yield return (Path + "warmupSteps", "goes with a \"scheduleSpan\" of \"step\"; remove one of them");
        }

        foreach ((string name, double value) in new[] { ("momentum", Momentum), ("beta1", Beta1), ("beta2", Beta2) })
        {
            if (!(value >= 0 && value < 1))
            {
                yield return (Path + name, Expected("a number from 0 to below 1", value));
            }
        }

        if (!(Epsilon > 0 && Epsilon <= 1))
        {
            yield return (Path + "epsilon", Expected("a number above 0 and up to 1", Epsilon));
        }

        if (!(WeightDecay >= 0 && WeightDecay <= 100))
        {
            yield return (Path + "weightDecay", Expected("a number from 0 to 100", WeightDecay));
        }

        if (Kind != OptimizerKind.Sgd && (Momentum != 0 || Nesterov))
        {
            yield return (Path + (Nesterov ? "nesterov" : "momentum"), "is sgd's; adam and adamw have beta1 and beta2");
        }

        if (Nesterov && Momentum == 0)
        {
            yield return (Path + "nesterov", "needs a momentum above 0");
        }
    }

    private static string Expected(FormattableString what, double found) =>
        Expected(FormattableString.Invariant(what), found);

    private static string Expected(string what, double found) =>
        FormattableString.Invariant($"expected {what}, found {found}");
}
