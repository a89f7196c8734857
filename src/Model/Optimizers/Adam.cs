using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// <c>torch.optim.Adam</c> (Kingma and Ba, 2014): weight decay, if any, is added to the gradient. The rule is that of
/// <see cref="AdamW"/> too, which differs in the step's constants alone.
/// </summary>
internal readonly struct Adam : IUpdateRule, IOptimizer
{
    /// <inheritdoc/>
    public static string Name => "adam";

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
            Epsilon = (float)options.Epsilon,
            StepSize = (float)(learningRate / (1 - Math.Pow(options.Beta1, step + 1))),
            RootOfCorrection2 = (float)Math.Sqrt(1 - Math.Pow(options.Beta2, step + 1)),
            CoupledDecay = (float)options.WeightDecay,
            Shrink = 1f,
        };
    }

    /// <inheritdoc/>
    public static void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IOptimizerVisitor, allows ref struct => visitor.VisitElementwise<Adam>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref float parameter, float gradient, ref float state1, ref float state2, in OptimizerConstants step)
    {
        float shrunk = parameter * step.Shrink;
        float decayed = gradient + step.CoupledDecay * parameter;
        float mean = step.Beta1 * state1 + step.OneMinusBeta1 * decayed;
        float square = step.Beta2 * state2 + step.OneMinusBeta2 * decayed * decayed;
        state1 = mean;
        state2 = square;
        float root = MathF.Sqrt(square) / step.RootOfCorrection2 + step.Epsilon;
        parameter = shrunk - step.StepSize * (mean / root);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref Wide parameters, Wide gradients, ref Wide states1, ref Wide states2, in OptimizerConstants step)
    {
        Wide shrunk = parameters * Vector512.Create(step.Shrink);
        Wide decayed = Vector512.MultiplyAddEstimate(Vector512.Create(step.CoupledDecay), parameters, gradients);
        Wide mean = Vector512.MultiplyAddEstimate(
            Vector512.Create(step.OneMinusBeta1), decayed, Vector512.Create(step.Beta1) * states1);
        Wide square = Vector512.MultiplyAddEstimate(
            Vector512.Create(step.OneMinusBeta2) * decayed, decayed, Vector512.Create(step.Beta2) * states2);
        states1 = mean;
        states2 = square;

        // Root and quotient wait for the processor's one divider; the second quotient is a product with the reciprocal.
        Wide root = Vector512.MultiplyAddEstimate(
            Vector512.Sqrt(square), Vector512.Create(1f / step.RootOfCorrection2), Vector512.Create(step.Epsilon));
        parameters = Vector512.MultiplyAddEstimate(Vector512.Create(-step.StepSize), mean / root, shrunk);
    }
}
