using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Losses;

/// <summary>The mean over the ten outputs of (output - target)²; the target is +1 for the digit and -1 elsewhere.</summary>
public readonly struct SquaredError : ILoss
{
    /// <inheritdoc/>
    public static double Value(ReadOnlySpan<float> outputs, int label)
    {
        double sum = 0;
        for (int digit = 0; digit < Outputs; digit++)
        {
            double error = outputs[digit] - (digit == label ? 1.0 : -1.0);
            sum += error * error;
        }

        return sum / Outputs;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Gradient(Wide outputs, int label)
    {
        Wide target = Vector512.ConditionalSelect(
            OutputLanes.Is(label), Vector512.Create(1f), Vector512.Create(-1f));
        return (outputs - target) * Vector512.Create(2f / Outputs) & OutputLanes.Used;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Weight(float output, float largest) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Gradient(float output, float largest, float total, bool isLabel) =>
        (output - (isLabel ? 1f : -1f)) * (2f / Outputs);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Term(float output, float largest, float total, bool isLabel)
    {
        float error = output - (isLabel ? 1f : -1f);
        return error * error * (1f / Outputs);
    }
}
