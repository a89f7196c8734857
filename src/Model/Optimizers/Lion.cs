using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// Lion (Chen et al., 2023, "Symbolic discovery of optimization algorithms", program 1): each parameter moves by the learning
/// rate, in the direction of the sign of a mean of gradient and momentum. Weight decay is decoupled. The momentum is the first
/// state; the second stays 0.
/// </summary>
internal readonly struct Lion : IUpdateRule, IOptimizer
{
    /// <inheritdoc/>
    public static string Name => "lion";

    /// <inheritdoc/>
    public static OptimizerDefaults Defaults => new() { Beta2 = 0.99 };

    /// <inheritdoc/>
    public static OptimizerConstants Constants(OptimizerOptions options, double learningRate, int step)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new OptimizerConstants
        {
            LearningRate = (float)learningRate,
            Beta1 = (float)options.Beta1,
            Beta2 = (float)options.Beta2,
            OneMinusBeta1 = (float)(1 - options.Beta1),
            OneMinusBeta2 = (float)(1 - options.Beta2),
            Shrink = (float)(1 - learningRate * options.WeightDecay),
        };
    }

    /// <inheritdoc/>
    public static void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IOptimizerVisitor, allows ref struct => visitor.VisitElementwise<Lion>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref float parameter, float gradient, ref float state1, ref float state2, in OptimizerConstants step)
    {
        float direction = step.Beta1 * state1 + step.OneMinusBeta1 * gradient;

        // What is neither above nor below 0 moves by itself: 0 by nothing, and what is not a number is passed on.
        float sign = direction > 0f ? 1f : direction < 0f ? -1f : direction;
        parameter = parameter * step.Shrink - step.LearningRate * sign;
        state1 = step.Beta2 * state1 + step.OneMinusBeta2 * gradient;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref Wide parameters, Wide gradients, ref Wide states1, ref Wide states2, in OptimizerConstants step)
    {
        Wide direction = Vector512.MultiplyAddEstimate(
            Vector512.Create(step.OneMinusBeta1), gradients, Vector512.Create(step.Beta1) * states1);
        Wide sign = Vector512.ConditionalSelect(
            Vector512.GreaterThan(direction, Wide.Zero), Wide.One,
            Vector512.ConditionalSelect(Vector512.LessThan(direction, Wide.Zero), -Wide.One, direction));
        parameters = Vector512.MultiplyAddEstimate(
            Vector512.Create(-step.LearningRate), sign, parameters * Vector512.Create(step.Shrink));
        states1 = Vector512.MultiplyAddEstimate(
            Vector512.Create(step.OneMinusBeta2), gradients, Vector512.Create(step.Beta2) * states1);
    }
}
