using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Schedules;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>What an experiment's <c>optimizer</c> may hold.</summary>
internal static class OptimizerProblems
{
    private const double MostDamping = 1_000_000;

    /// <summary>What is wrong with the values, each with the JSON path of the value to change.</summary>
    public static IEnumerable<(string Path, string Problem)> Of(OptimizerOptions optimizer)
    {
        const string Path = "$.optimizer.";
        const double MostLearningRate = ExperimentConfiguration.MostLearningRate;
        if (!(optimizer.LearningRate > 0 && optimizer.LearningRate <= MostLearningRate))
        {
            yield return (Path + "learningRate", Expected($"a number above 0 and up to {MostLearningRate}", optimizer.LearningRate));
        }

        if (!(optimizer.FinalLearningRate >= 0 && optimizer.FinalLearningRate <= optimizer.LearningRate))
        {
            yield return (Path + "finalLearningRate", Expected("a number from 0 to learningRate", optimizer.FinalLearningRate));
        }

        if (optimizer.WarmupSteps < 0)
        {
            yield return (Path + "warmupSteps", Expected("a whole number from 0", optimizer.WarmupSteps));
        }

        if (optimizer.WarmupSteps > 0 && optimizer.ScheduleSpan == ScheduleSpan.Pass)
        {
            yield return (Path + "warmupSteps", "goes with a \"scheduleSpan\" of \"step\"; remove one of them");
        }

        foreach ((string name, double value) in new[] { ("momentum", optimizer.Momentum), ("beta1", optimizer.Beta1), ("beta2", optimizer.Beta2) })
        {
            if (!(value >= 0 && value < 1))
            {
                yield return (Path + name, Expected("a number from 0 to below 1", value));
            }
        }

        if (!(optimizer.Epsilon > 0 && optimizer.Epsilon <= 1))
        {
            yield return (Path + "epsilon", Expected("a number above 0 and up to 1", optimizer.Epsilon));
        }

        if (!(optimizer.WeightDecay >= 0 && optimizer.WeightDecay <= 100))
        {
            yield return (Path + "weightDecay", Expected("a number from 0 to 100", optimizer.WeightDecay));
        }

        if (optimizer.Damping is { } damping && !(damping > 0 && damping <= MostDamping))
        {
            yield return (Path + "damping", Expected($"a number above 0 and up to {MostDamping}", damping));
        }

        if (optimizer.CurvatureRate is { } rate && !(rate >= 0 && rate <= 1))
        {
            yield return (Path + "curvatureRate", Expected("a number from 0 to 1", rate));
        }

        if (optimizer.CurvatureExamples is { } examples and (< 1 or > ExperimentConfiguration.MostExamples))
        {
            yield return (Path + "curvatureExamples", Expected(
                $"a whole number from 1 to {ExperimentConfiguration.MostExamples}", examples));
        }

        if (optimizer.CurvatureEvery is { } every and < 1)
        {
            yield return (Path + "curvatureEvery", Expected("a whole number from 1", every));
        }

        if (!optimizer.Kind.UsesCurvature && CurvatureName(optimizer) is { } curvature)
        {
            yield return (Path + curvature, $"is newton's, and the optimizer is {optimizer.Kind}; remove it");
        }

        if (optimizer.Kind.UsesCurvature && AdamsName(optimizer) is { } adams)
        {
            yield return (Path + adams, $"is adam's and adamw's, and the optimizer is {optimizer.Kind}; remove it");
        }

        if (optimizer.Kind == Optimizer.Of<Lion>() && AdamsName(optimizer) is "epsilon")
        {
            yield return (Path + "epsilon", $"is adam's and adamw's, and {optimizer.Kind} divides by nothing; remove it");
        }

        if (optimizer.VectorLearningRate is { } vectorRate && !(vectorRate > 0 && vectorRate <= MostLearningRate))
        {
            yield return (Path + "vectorLearningRate", Expected($"a number above 0 and up to {MostLearningRate}", vectorRate));
        }

        if (optimizer.VectorWeightDecay is { } vectorDecay && !(vectorDecay >= 0 && vectorDecay <= 100))
        {
            yield return (Path + "vectorWeightDecay", Expected("a number from 0 to 100", vectorDecay));
        }

        if (!optimizer.Kind.UsesMatrices && MatrixName(optimizer) is { } matrix)
        {
            yield return (Path + matrix, $"is muon's, and the optimizer is {optimizer.Kind}; remove it");
        }

        if (optimizer.Kind.EvaluatesAverage && optimizer.Schedule != ScheduleKind.Constant)
        {
            yield return (Path + "schedule", $"is what {optimizer.Kind} does without: it averages instead; remove it");
        }

        if (optimizer.Kind.UsesCurvature && optimizer.WeightDecay != 0)
        {
            yield return (Path + "weightDecay", $"is not {optimizer.Kind}'s; remove it");
        }

        if (optimizer.Kind != Optimizer.Of<Sgd>() && !optimizer.Kind.UsesMatrices && (optimizer.Momentum != 0 || optimizer.Nesterov))
        {
            yield return (Path + (optimizer.Nesterov ? "nesterov" : "momentum"), "is sgd's and muon's; newton has none, and the others have beta1 and beta2");
        }

        if (optimizer.Nesterov && optimizer.Momentum == 0)
        {
            // Whose momentum is Nesterov's unless told otherwise was told of the momentum.
            yield return optimizer.Kind.Defaults.Nesterov
                ? (Path + "momentum", $"expected a number above 0 and below 1, found 0: {optimizer.Kind}'s momentum is Nesterov's; "
                    + "for none set \"nesterov\" to false too")
                : (Path + "nesterov", "needs a momentum above 0");
        }
    }

    /// <summary>What speaks of moments otherwise than by default; null for nothing.</summary>
    private static string? AdamsName(OptimizerOptions optimizer)
    {
        OptimizerOptions plain = new(optimizer.Kind, optimizer.LearningRate);
        return optimizer.Beta1 != plain.Beta1 ? "beta1"
            : optimizer.Beta2 != plain.Beta2 ? "beta2"
            : optimizer.Epsilon != plain.Epsilon ? "epsilon"
            : null;
    }

    /// <summary>What speaks of matrices; null for nothing.</summary>
    private static string? MatrixName(OptimizerOptions optimizer) =>
        optimizer.VectorLearningRate is not null ? "vectorLearningRate"
        : optimizer.VectorWeightDecay is not null ? "vectorWeightDecay"
        : optimizer.MatrixScale is not null ? "matrixScale"
        : null;

    /// <summary>What speaks of second derivatives; null for nothing.</summary>
    private static string? CurvatureName(OptimizerOptions optimizer) =>
        optimizer.Damping is not null ? "damping"
        : optimizer.CurvatureRate is not null ? "curvatureRate"
        : optimizer.CurvatureExamples is not null ? "curvatureExamples"
        : optimizer.CurvatureEvery is not null ? "curvatureEvery"
        : null;

    private static string Expected(FormattableString what, double found) =>
        Expected(FormattableString.Invariant(what), found);

    private static string Expected(string what, double found) =>
        FormattableString.Invariant($"expected {what}, found {found}");
}
