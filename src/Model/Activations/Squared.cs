using System.Runtime.CompilerServices;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Activations;

/// <summary>
/// An activation as second derivatives see it on their way back: a layer passes them down as it does gradients, if weights, what
/// they are multiplied with and slopes are all squared. Its squared slope is to be kept where the delta will be written, as of an
/// activation whose slope needs the weighted sum, so that layers read it there and never ask for it here.
/// </summary>
/// <typeparam name="TActivation">The activation.</typeparam>
internal readonly struct Squared<TActivation> : IActivation
    where TActivation : struct, IActivation
{
    /// <inheritdoc/>
    static string IActivation.Name => TActivation.Name + "Squared";

    /// <inheritdoc/>
    static bool IActivation.IsHidden => false;

    /// <inheritdoc/>
    static bool IActivation.IsOutput => false;

    /// <inheritdoc/>
    static bool IActivation.DerivativeNeedsSum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <inheritdoc/>
    static double IActivation.Apply(double sum) => TActivation.Apply(sum) * TActivation.Apply(sum);

    /// <inheritdoc/>
    static double IActivation.Derivative(double sum) => TActivation.Derivative(sum) * TActivation.Derivative(sum);

    /// <inheritdoc/>
    static string IActivation.Write(IFormulaWriter writer, string sum)
    {
        ArgumentNullException.ThrowIfNull(writer);
        string value = TActivation.Write(writer, sum);
        return writer.Multiply("", value, value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float IActivation.Apply(float sum) => TActivation.Apply(sum) * TActivation.Apply(sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float IActivation.Derivative(float value) => TActivation.Derivative(value) * TActivation.Derivative(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Wide IActivation.Apply(Wide sums) => TActivation.Apply(sums) * TActivation.Apply(sums);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Wide IActivation.Derivative(Wide values) => TActivation.Derivative(values) * TActivation.Derivative(values);
}
