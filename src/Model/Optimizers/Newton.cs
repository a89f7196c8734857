using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// The paper's "special version of Newton's algorithm that uses a positive, diagonal approximation of the Hessian" (Becker and
/// LeCun, 1988; "stochastic diagonal Levenberg-Marquardt" in LeCun et al., 1998): every parameter has a step of its own, the
/// learning rate divided by the damping plus the running mean of its second derivative.
/// </summary>
internal readonly struct Newton : ICurvatureRule, IOptimizer
{
    private const double DefaultCurvatureRate = 0.001;
    private const double DefaultDamping = 0.1;

    /// <inheritdoc/>
    public static string Name => "newton";

    /// <inheritdoc/>
    public static OptimizerConstants Constants(OptimizerOptions options, double learningRate, int step)
    {
        ArgumentNullException.ThrowIfNull(options);
        double rate = options.CurvatureRate ?? DefaultCurvatureRate;
        return new OptimizerConstants
        {
            LearningRate = (float)learningRate,
            Beta2 = (float)(1 - rate),
            OneMinusBeta2 = (float)rate,
            Epsilon = (float)(options.Damping ?? DefaultDamping),
        };
    }

    /// <inheritdoc/>
    public static void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IOptimizerVisitor, allows ref struct => visitor.VisitCurvature<Newton>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref float parameter, float gradient, float curvature, ref float mean, in OptimizerConstants step)
    {
        mean = step.Beta2 * mean + step.OneMinusBeta2 * curvature;
        parameter -= step.LearningRate * gradient / (mean + step.Epsilon);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref Wide parameters, Wide gradients, Wide curvatures, ref Wide means, in OptimizerConstants step)
    {
        means = Vector512.MultiplyAddEstimate(
            Vector512.Create(step.OneMinusBeta2), curvatures, Vector512.Create(step.Beta2) * means);
        parameters -= Vector512.Create(step.LearningRate) * gradients / (means + Vector512.Create(step.Epsilon));
    }
}
