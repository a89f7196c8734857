using System.Numerics;
using System.Runtime.CompilerServices;
using GpuConvnet.Model.Numbers;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Losses;

/// <summary>
/// Half the sum over the ten outputs of (output - target)²: the error of a pattern in LeCun et al. (1989), whose gradient by an
/// output is what it misses its target by. The target is +1 for the digit and -1 elsewhere.
/// </summary>
internal readonly struct HalfSquaredError : ILoss
{
    private static readonly Targets s_targets = new(1f, -1f);

    /// <inheritdoc/>
    public static string Name => "halfSquaredError";

    /// <inheritdoc/>
    public static bool NeedsLinearOutput => false;

    /// <inheritdoc/>
    public static bool Smooths => false;

    /// <inheritdoc/>
    public static Targets Targets(double labelSmoothing) => labelSmoothing == 0
        ? s_targets
        : throw new NotSupportedException("Label smoothing is cross entropy's; squared error has targets of 1 and -1.");

    /// <inheritdoc/>
    public static double Value(double[] outputs, int label, double labelSmoothing) =>
        outputs.Select((output, i) => Math.Pow(output - (i == label ? 1 : -1), 2)).Sum() / 2;

    /// <inheritdoc/>
    public static double Value(double[] outputs, double[] targets) =>
        outputs.Zip(targets, (output, target) => Math.Pow(output - target, 2)).Sum() / 2;

    /// <inheritdoc/>
    public static double[] Gradient(double[] outputs, int label, double labelSmoothing) =>
        [.. outputs.Select((output, i) => output - (i == label ? 1 : -1.0))];

    /// <inheritdoc/>
    public static double[] Curvature(double[] outputs, int label) => [.. outputs.Select(_ => 1.0)];

    /// <inheritdoc/>
    public static double Value(ReadOnlySpan<float> outputs, int label, Targets targets)
    {
        double sum = 0;
        for (int digit = 0; digit < Outputs; digit++)
        {
            double error = outputs[digit] - (digit == label ? targets.Label : (double)targets.Other);
            sum += error * error;
        }

        return sum / 2;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Gradient(Wide outputs, Wide targets) => (outputs - targets) & OutputLanes.Used;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Curvature(Wide outputs) => Wide.One & OutputLanes.Used;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Weight(float output, float largest) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Gradient(float output, float largest, float total, float target) =>
        output - target;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Curvature(float output, float largest, float total) => 1f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Term(float output, float largest, float total, bool isLabel)
    {
        float error = output - (isLabel ? 1f : -1f);
        return error * error * 0.5f;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TReal Weight<TReal, TWeight>(TReal output, TReal largest)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TReal Gradient<TReal, TWeight>(TReal output, TReal largest, TReal total, TReal target)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> =>
        output - target;
}
