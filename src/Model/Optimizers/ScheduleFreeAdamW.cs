using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// Schedule-free AdamW (Defazio et al., 2024, "The road less scheduled"), as <c>AdamWScheduleFree</c> of
/// https://github.com/facebookresearch/schedule_free has it: steps are taken by z, gradients at y, between z and the average x,
/// and x is evaluated. Warm-up weighs a step's z by the square of its rate. There is no schedule.
/// </summary>
/// <remarks>
/// The parameters are y. The first state is x - y, which is (1 - 1/beta1) (z - y): it begins at 0, as all states do, and x takes an
/// addition. From the authors' y' = y + c (z - y) + rate (beta1 (1 - c) - 1) g and z' = z - rate g, where g is the normalized
/// gradient with its decay and c is the weight of z' in x', follow x' - y' = (1 - c) (x - y + (1 - beta1) rate g), and
/// c (z - y) = -c beta1 / (1 - beta1) (x - y). The second state is the mean of the squared gradient.
/// </remarks>
internal readonly struct ScheduleFreeAdamW : IUpdateRule, IOptimizer
{
    /// <inheritdoc/>
    public static string Name => "scheduleFreeAdamw";

    /// <inheritdoc/>
    public static bool EvaluatesAverage => true;

    /// <inheritdoc/>
    public static OptimizerConstants Constants(OptimizerOptions options, double learningRate, int step)
    {
        ArgumentNullException.ThrowIfNull(options);
        double weight = WeightOfStep(options.WarmupSteps, step);
        return new OptimizerConstants
        {
            LearningRate = (float)learningRate,
            OneMinusBeta1 = (float)(1 - options.Beta1),
            Beta2 = (float)options.Beta2,
            OneMinusBeta2 = (float)(1 - options.Beta2),
            Epsilon = (float)options.Epsilon,
            StepSize = (float)(learningRate * (1 - options.Beta1 * (1 - weight))),
            RootOfCorrection2 = (float)Math.Sqrt(1 - Math.Pow(options.Beta2, step + 1)),
            CoupledDecay = (float)options.WeightDecay,
            AverageKept = (float)(1 - weight),
            AveragePull = (float)(weight * options.Beta1 / (1 - options.Beta1)),
        };
    }

    /// <inheritdoc/>
    public static void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IOptimizerVisitor, allows ref struct => visitor.VisitElementwise<ScheduleFreeAdamW>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref float parameter, float gradient, ref float state1, ref float state2, in OptimizerConstants step)
    {
        float square = step.Beta2 * state2 + step.OneMinusBeta2 * gradient * gradient;
        state2 = square;
        float root = MathF.Sqrt(square) / step.RootOfCorrection2 + step.Epsilon;
        float normalized = gradient / root + step.CoupledDecay * parameter;
        parameter = parameter - step.AveragePull * state1 - step.StepSize * normalized;
        state1 = step.AverageKept * (state1 + step.OneMinusBeta1 * step.LearningRate * normalized);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref Wide parameters, Wide gradients, ref Wide states1, ref Wide states2, in OptimizerConstants step)
    {
        Wide square = Vector512.MultiplyAddEstimate(
            Vector512.Create(step.OneMinusBeta2) * gradients, gradients, Vector512.Create(step.Beta2) * states2);
        states2 = square;
        Wide root = Vector512.MultiplyAddEstimate(
            Vector512.Sqrt(square), Vector512.Create(1f / step.RootOfCorrection2), Vector512.Create(step.Epsilon));
        Wide normalized = Vector512.MultiplyAddEstimate(Vector512.Create(step.CoupledDecay), parameters, gradients / root);
        Wide pulled = Vector512.MultiplyAddEstimate(Vector512.Create(-step.AveragePull), states1, parameters);
        parameters = Vector512.MultiplyAddEstimate(Vector512.Create(-step.StepSize), normalized, pulled);
        states1 = Vector512.Create(step.AverageKept)
            * Vector512.MultiplyAddEstimate(Vector512.Create(step.OneMinusBeta1 * step.LearningRate), normalized, states1);
    }

    /// <summary>
    /// The weight of a step's z in the average: the square of its rate over the sum of the squares so far. Rates rise in a straight
    /// line to their peak, which both have as a factor, and stay there.
    /// </summary>
    private static double WeightOfStep(int warmupSteps, int step)
    {
        double steps = step + 1.0;
        double warm = warmupSteps;
        return steps <= warm
            ? 6 * steps / ((steps + 1) * (2 * steps + 1))
            : 1 / ((warm == 0 ? 0 : (warm + 1) * (2 * warm + 1) / (6 * warm)) + steps - warm);
    }
}
