using System.Runtime.CompilerServices;

namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// Muon (Jordan et al., 2024, https://kellerjordan.github.io/posts/muon/), as <c>torch.optim.Muon</c> documents it: a layer's
/// weight matrix is moved by its momentum made orthogonal (<see cref="NewtonSchulz"/>), times a scale by its shape; weight decay
/// is decoupled. What is no matrix is moved by <see cref="AdamW"/>'s rule at a rate of its own.
/// </summary>
/// <remarks>
/// All in float32, where the authors and PyTorch iterate in bfloat16. Momentum is a running mean, as PyTorch's: its length does
/// not matter, the iteration being of a matrix of length 1.
/// </remarks>
internal readonly struct Muon : IMatrixRule, IOptimizer
{
    /// <summary>The scale that gives a step the length of AdamW's: Moonshot's (Liu et al., 2025), PyTorch's "match_rms_adamw".</summary>
    private const double RmsOfAdamW = 0.2;

    /// <inheritdoc/>
    public static string Name => "muon";

    /// <inheritdoc/>
    public static OptimizerDefaults Defaults => new() { Momentum = 0.95, Nesterov = true };

    /// <inheritdoc/>
    public static OptimizerConstants Constants(OptimizerOptions options, double learningRate, int step)
    {
        ArgumentNullException.ThrowIfNull(options);
        double vectorRate = options.VectorLearningRate is { } rate ? learningRate * (rate / options.LearningRate) : learningRate;
        return Adam.Constants(options, vectorRate, step) with
        {
            LearningRate = (float)learningRate,
            Momentum = (float)options.Momentum,
            NesterovMomentum = options.Nesterov ? (float)options.Momentum : 0f,
            CoupledDecay = 0f,
            Shrink = (float)(1 - vectorRate * (options.VectorWeightDecay ?? options.WeightDecay)),
            MatrixShrink = (float)(1 - learningRate * options.WeightDecay),
            SizeScale = options.MatrixScale is MatrixScale.MatchRmsAdamW ? (float)RmsOfAdamW : 0f,
        };
    }

    /// <inheritdoc/>
    public static void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IOptimizerVisitor, allows ref struct => visitor.VisitMatrix<Muon, Adam>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Direction(float gradient, ref float momentum, in OptimizerConstants step)
    {
        momentum += (1f - step.Momentum) * (gradient - momentum);
        return step.NesterovMomentum != 0f ? gradient + step.NesterovMomentum * (momentum - gradient) : momentum;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Moved(float parameter, float orthogonal, in WeightMatrix matrix, in OptimizerConstants step)
    {
        float scale = step.SizeScale != 0f ? step.SizeScale * matrix.SizeScale : matrix.RatioScale;
        return parameter * step.MatrixShrink - step.LearningRate * scale * orthogonal;
    }
}
