using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// <c>torch.optim.SGD</c>, with or without (Nesterov) momentum: the first state. The second stays 0. Weight decay, if any, is
/// added to the gradient.
/// </summary>
internal readonly struct Sgd : IUpdateRule, IOptimizer
{
    /// <inheritdoc/>
    public static string Name => "sgd";

    /// <inheritdoc/>
    public static OptimizerConstants Constants(OptimizerOptions options, double learningRate, int step)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new OptimizerConstants
        {
            LearningRate = (float)learningRate,
            Momentum = (float)options.Momentum,

            // PyTorch's momentum buffer begins as the first gradient; so does one that begins at zero.
            NesterovMomentum = options.Nesterov ? (float)options.Momentum : 0f,
            CoupledDecay = (float)options.WeightDecay,
        };
    }

    /// <inheritdoc/>
    public static void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IOptimizerVisitor, allows ref struct => visitor.VisitElementwise<Sgd>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref float parameter, float gradient, ref float state1, ref float state2, in OptimizerConstants step)
    {
        float decayed = gradient + step.CoupledDecay * parameter;
        float momentum = step.Momentum * state1 + decayed;
        state1 = momentum;
        float direction = step.NesterovMomentum != 0f ? decayed + step.NesterovMomentum * momentum : momentum;
        parameter -= step.LearningRate * direction;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref Wide parameters, Wide gradients, ref Wide states1, ref Wide states2, in OptimizerConstants step)
    {
        Wide decayed = Vector512.MultiplyAddEstimate(Vector512.Create(step.CoupledDecay), parameters, gradients);
        Wide momentum = Vector512.MultiplyAddEstimate(Vector512.Create(step.Momentum), states1, decayed);
        states1 = momentum;
        Wide direction = step.NesterovMomentum != 0f
            ? Vector512.MultiplyAddEstimate(Vector512.Create(step.NesterovMomentum), momentum, decayed)
            : momentum;
        parameters = Vector512.MultiplyAddEstimate(Vector512.Create(-step.LearningRate), direction, parameters);
    }
}
