using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Numbers;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Losses;

/// <summary>
/// -log softmax(outputs)[digit], in nats. With label smoothing s, as in PyTorch: minus the sum over the outputs of their
/// target times their log softmax, the digit's own target being 1 - s + s/10 and the others' s/10.
/// </summary>
internal readonly struct SoftmaxCrossEntropy : ILoss
{
    /// <inheritdoc/>
    public static string Name => "crossEntropy";

    /// <inheritdoc/>
    public static bool NeedsLinearOutput => true;

    /// <inheritdoc/>
    public static bool Smooths => true;

    /// <inheritdoc/>
    public static Targets Targets(double labelSmoothing) =>
        new((float)(1 - labelSmoothing + labelSmoothing / Outputs), (float)(labelSmoothing / Outputs));

    /// <inheritdoc/>
    public static double Value(double[] outputs, int label, double labelSmoothing)
    {
        double partition = outputs.Sum(Math.Exp);
        return outputs.Select((output, i) =>
            -Target(i == label, labelSmoothing, outputs.Length) * Math.Log(Math.Exp(output) / partition)).Sum();
    }

    /// <inheritdoc/>
    public static double Value(double[] outputs, double[] targets)
    {
        double partition = outputs.Sum(Math.Exp);
        return -outputs.Zip(targets, (output, target) => target * Math.Log(Math.Exp(output) / partition)).Sum();
    }

    /// <inheritdoc/>
    public static double[] Gradient(double[] outputs, int label, double labelSmoothing)
    {
        double partition = outputs.Sum(Math.Exp);
        return [.. outputs.Select((output, i) =>
            Math.Exp(output) / partition - Target(i == label, labelSmoothing, outputs.Length))];
    }

    /// <inheritdoc/>
    public static double[] Curvature(double[] outputs, int label)
    {
        double partition = outputs.Sum(Math.Exp);
        return [.. outputs.Select(output => Math.Exp(output) / partition * (1 - Math.Exp(output) / partition))];
    }

    /// <inheritdoc/>
    public static double Value(ReadOnlySpan<float> outputs, int label, Targets targets)
    {
        double largest = double.NegativeInfinity;
        for (int digit = 0; digit < Outputs; digit++)
        {
            largest = Math.Max(largest, outputs[digit]);
        }

        double sum = 0;
        double aimed = 0;
        for (int digit = 0; digit < Outputs; digit++)
        {
            sum += Math.Exp(outputs[digit] - largest);
            aimed += (digit == label ? targets.Label : (double)targets.Other) * outputs[digit];
        }

        return Math.Log(sum) + largest - aimed;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Gradient(Wide outputs, Wide targets) => Probabilities(outputs) - targets;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Curvature(Wide outputs)
    {
        Wide probabilities = Probabilities(outputs);
        return probabilities * (Wide.One - probabilities);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Weight(float output, float largest) => MathF.Exp(output - largest);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Gradient(float output, float largest, float total, float target) =>
        MathF.Exp(output - largest) / total - target;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Curvature(float output, float largest, float total)
    {
        float probability = MathF.Exp(output - largest) / total;
        return probability * (1f - probability);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Term(float output, float largest, float total, bool isLabel) =>
        isLabel ? MathF.Log(total) + largest - output : 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TReal Weight<TReal, TWeight>(TReal output, TReal largest)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> => TReal.Exp(output - largest);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TReal Gradient<TReal, TWeight>(TReal output, TReal largest, TReal total, TReal target)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> => TReal.Exp(output - largest) / total - target;

    /// <summary>The softmax of ten outputs; 0 in the other lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide Probabilities(Wide outputs)
    {
        // The largest logit is taken off first, so that no exponential overflows.
        Wide logits = Vector512.ConditionalSelect(OutputLanes.Used, outputs, Vector512.Create(float.NegativeInfinity));
        Wide exponentials = Vector512.Exp(outputs - Vector512.Create(OutputLanes.Largest(logits))) & OutputLanes.Used;
        return exponentials / Vector512.Create(Vector512.Sum(exponentials));
    }

    private static double Target(bool isLabel, double labelSmoothing, int outputs) =>
        (isLabel ? 1 - labelSmoothing : 0) + labelSmoothing / outputs;
}
