using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Activations;

/// <summary>
/// LeCun's 1.7159 tanh(2x/3): ±1 goes to ±1, where the function bends the most, so that targets of ±1 are reached well
/// before it saturates.
/// </summary>
public readonly struct ScaledTanh : IActivation
{
    private const float Amplitude = 1.7159f;
    private const float Steepness = 2f / 3f;
    private const float DerivativeFactor = Steepness / Amplitude;

    /// <inheritdoc/>
    public static string Name => "scaledTanh";

    /// <inheritdoc/>
    public static bool IsHidden => true;

    /// <inheritdoc/>
    public static bool IsOutput => true;

    /// <inheritdoc/>
    public static bool DerivativeNeedsSum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <inheritdoc/>
    public static double Apply(double sum) => 1.7159 * Math.Tanh(2 * sum / 3);

    /// <inheritdoc/>
    public static double Derivative(double sum) => 1.7159 * 2 / 3 * (1 - Math.Pow(Math.Tanh(2 * sum / 3), 2));

    static string IActivation.Write(IFormulaWriter writer, string sum)
    {
        string steep = writer.Multiply("steep", sum, writer.Constant("steepness", 2.0 / 3));
        return writer.Multiply("", writer.Tanh("tanh", steep), writer.Constant("amplitude", 1.7159));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Apply(float sum) => Amplitude * Tanh.Apply(Steepness * sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Derivative(float value) => DerivativeFactor * ((Amplitude - value) * (Amplitude + value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Apply(Wide sums) =>
        Vector512.Create(Amplitude) * Tanh.Apply(Vector512.Create(Steepness) * sums);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Derivative(Wide values)
    {
        Wide amplitude = Vector512.Create(Amplitude);
        return Vector512.Create(DerivativeFactor) * ((amplitude - values) * (amplitude + values));
    }
}
