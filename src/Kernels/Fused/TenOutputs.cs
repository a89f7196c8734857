using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;

namespace GpuConvnet.Kernels.Fused;

/// <summary>An example's ten outputs, or their deltas, in float4s of which the last is half empty. In registers.</summary>
internal struct TenOutputs
{
    /// <summary>Digits 0 to 3.</summary>
    public Float4 Digits0;

    /// <summary>Digits 4 to 7.</summary>
    public Float4 Digits4;

    /// <summary>Digits 8 and 9.</summary>
    public Float4 Digits8;

    private readonly float Largest
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            float largest = Larger(
                Larger(Larger(Digits0.C0, Digits0.C1), Larger(Digits0.C2, Digits0.C3)),
                Larger(Larger(Digits4.C0, Digits4.C1), Larger(Digits4.C2, Digits4.C3)));
            return Larger(largest, Larger(Digits8.C0, Digits8.C1));
        }
    }

    /// <summary>The outputs' deltas.</summary>
    /// <param name="label">The digit that it is.</param>
    /// <param name="targets">What outputs should be.</param>
    /// <param name="scale">The factor of every delta.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TenOutputs Deltas<TOutput, TLoss>(int label, Targets targets, float scale)
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        float largest = Largest;
        float total = TLoss.Weight(Digits0.C0, largest) + TLoss.Weight(Digits0.C1, largest)
            + TLoss.Weight(Digits0.C2, largest) + TLoss.Weight(Digits0.C3, largest)
            + TLoss.Weight(Digits4.C0, largest) + TLoss.Weight(Digits4.C1, largest)
            + TLoss.Weight(Digits4.C2, largest) + TLoss.Weight(Digits4.C3, largest)
            + TLoss.Weight(Digits8.C0, largest) + TLoss.Weight(Digits8.C1, largest);
        return new()
        {
            Digits0 = Deltas<TOutput, TLoss>(Digits0, label, targets, largest, total, scale),
            Digits4 = Deltas<TOutput, TLoss>(Digits4, label - 4, targets, largest, total, scale),
            Digits8 = new()
            {
                C0 = Delta<TOutput, TLoss>(Digits8.C0, label == 8, targets, largest, total, scale),
                C1 = Delta<TOutput, TLoss>(Digits8.C1, label == 9, targets, largest, total, scale),
            },
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float4 Deltas<TOutput, TLoss>(
        Float4 outputs, int label, Targets targets, float largest, float total, float scale)
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss => new()
        {
            C0 = Delta<TOutput, TLoss>(outputs.C0, label == 0, targets, largest, total, scale),
            C1 = Delta<TOutput, TLoss>(outputs.C1, label == 1, targets, largest, total, scale),
            C2 = Delta<TOutput, TLoss>(outputs.C2, label == 2, targets, largest, total, scale),
            C3 = Delta<TOutput, TLoss>(outputs.C3, label == 3, targets, largest, total, scale),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Delta<TOutput, TLoss>(
        float output, bool isLabel, Targets targets, float largest, float total, float scale)
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        float target = isLabel ? targets.Label : targets.Other;
        return TLoss.Gradient(output, largest, total, target) * TOutput.Derivative(output) * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Larger(float one, float other) => other > one ? other : one;
}
