using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Losses;

/// <summary>-log softmax(outputs)[digit], in nats.</summary>
public readonly struct SoftmaxCrossEntropy : ILoss
{
    /// <inheritdoc/>
    public static double Value(ReadOnlySpan<float> outputs, int label)
    {
        double largest = double.NegativeInfinity;
        for (int digit = 0; digit < Outputs; digit++)
        {
            largest = Math.Max(largest, outputs[digit]);
        }

        double sum = 0;
        for (int digit = 0; digit < Outputs; digit++)
        {
            sum += Math.Exp(outputs[digit] - largest);
        }

        return Math.Log(sum) + largest - outputs[label];
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Gradient(Wide outputs, int label)
    {
        // The largest logit is taken off first, so that no exponential overflows.
        Wide logits = Vector512.ConditionalSelect(OutputLanes.Used, outputs, Vector512.Create(float.NegativeInfinity));
        Wide exponentials = Vector512.Exp(outputs - Vector512.Create(OutputLanes.Largest(logits))) & OutputLanes.Used;
        Wide target = OutputLanes.Is(label) & Vector512.Create(1f);
        return exponentials / Vector512.Create(Vector512.Sum(exponentials)) - target;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Weight(float output, float largest) => MathF.Exp(output - largest);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Gradient(float output, float largest, float total, bool isLabel) =>
        MathF.Exp(output - largest) / total - (isLabel ? 1f : 0f);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Term(float output, float largest, float total, bool isLabel) =>
        isLabel ? MathF.Log(total) + largest - output : 0f;
}
