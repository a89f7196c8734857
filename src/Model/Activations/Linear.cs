using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Activations;

/// <summary>The identity: outputs that are logits.</summary>
public readonly struct Linear : IActivation
{
    /// <inheritdoc/>
    public static string Name => "linear";

    /// <inheritdoc/>
    public static bool IsHidden => false;

    /// <inheritdoc/>
    public static bool IsOutput => true;

    /// <inheritdoc/>
    public static bool DerivativeNeedsSum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <inheritdoc/>
    public static double Apply(double sum) => sum;

    /// <inheritdoc/>
    public static double Derivative(double sum) => 1;

    static string IActivation.Write(IFormulaWriter writer, string sum) => sum;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Apply(float sum) => sum;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Derivative(float value) => 1f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Apply(Wide sums) => sums;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Derivative(Wide values) => Vector512.Create(1f);
}
