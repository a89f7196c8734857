using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Activations;

/// <summary>max(0, x); its derivative at 0 is taken as 0, as PyTorch does.</summary>
public readonly struct ReLU : IActivation
{
    /// <inheritdoc/>
    public static string Name => "relu";

    /// <inheritdoc/>
    public static bool IsHidden => true;

    /// <inheritdoc/>
    public static bool IsOutput => false;

    /// <inheritdoc/>
    public static bool DerivativeNeedsSum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <inheritdoc/>
    public static double Apply(double sum) => Math.Max(0, sum);

    /// <inheritdoc/>
    public static double Derivative(double sum) => sum > 0 ? 1 : 0;

    static string IActivation.Write(IFormulaWriter writer, string sum) => writer.Relu("", sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Apply(float sum) => sum > 0f ? sum : 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Derivative(float value) => value > 0f ? 1f : 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Apply(Wide sums) => Vector512.AndNot(sums, Vector512.LessThanOrEqual(sums, Wide.Zero));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Derivative(Wide values) =>
        Vector512.GreaterThan(values, Wide.Zero) & Vector512.Create(1f);
}
