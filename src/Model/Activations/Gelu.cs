using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Activations;

/// <summary>
/// The Gaussian error linear unit (Hendrycks and Gimpel, 2016) in its tanh form,
/// x/2 (1 + tanh(sqrt(2/π) (x + 0.044715 x³))): PyTorch's <c>gelu</c> with <c>approximate="tanh"</c>, within 5e-4 of the
/// exact one. That form needs nothing but our tanh, so that every engine computes the same.
/// </summary>
public readonly struct Gelu : IActivation
{
    /// <summary>
    /// Beyond this, the function is 0 on the left and the identity on the right to 1e-6, and the slope 0 and 1 to 5e-6.
    /// What tanh lacks to 1 there, some 1e-7, must not be multiplied with a large sum.
    /// </summary>
    private const float Tail = 5f;

    private const float RootOfTwoOverPi = 0.797884561f;
    private const float Cubic = 0.044715f;

    /// <inheritdoc/>
    public static string Name => "gelu";

    /// <inheritdoc/>
    public static bool IsHidden => true;

    /// <inheritdoc/>
    public static bool IsOutput => false;

    /// <inheritdoc/>
    public static bool DerivativeNeedsSum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <inheritdoc/>
    public static double Apply(double sum) => sum / 2 * (1 + Math.Tanh(Inner(sum)));

    /// <inheritdoc/>
    public static double Derivative(double sum)
    {
        double tanh = Math.Tanh(Inner(sum));
        double derivativeOfInner = Math.Sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * sum * sum);
        return (1 + tanh) / 2 + sum / 2 * (1 - tanh * tanh) * derivativeOfInner;
    }

    static string IActivation.Write(IFormulaWriter writer, string sum)
    {
        string square = writer.Multiply("square", sum, sum);
        string cubic = writer.Multiply("cubic", square, writer.Constant("third", 0.044715));
        string one = writer.Constant("one", 1);
        string inner = writer.Multiply("inner", writer.Add("factor", cubic, one), sum);
        string scaled = writer.Multiply("scaled", inner, writer.Constant("root", MathF.Sqrt(2 / MathF.PI)));
        string bend = writer.Add("bend", writer.Tanh("tanh", scaled), one);
        string half = writer.Multiply("half", sum, writer.Constant("factor2", 0.5));
        return writer.Multiply("", half, bend);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Apply(float sum)
    {
        float x = sum < -Tail ? -Tail : sum;
        return 0.5f * x * (1f + Tanh.Apply(RootOfTwoOverPi * x * (1f + Cubic * x * x)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Derivative(float value)
    {
        float x = value < -Tail ? -Tail : value > Tail ? Tail : value;
        float t = Cubic * x * x;
        float tanh = Tanh.Apply(RootOfTwoOverPi * x * (1f + t));
        return 0.5f * (1f + tanh) + 0.5f * RootOfTwoOverPi * x * (1f - tanh * tanh) * (1f + 3f * t);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Apply(Wide sums)
    {
        Wide one = Vector512.Create(1f);

        // In this order: what is no number stays none, where the processor's own maximum gives its second operand.
        Wide x = Vector512.MaxNative(Vector512.Create(-Tail), sums);
        Wide tanh = Tanh.Apply(Vector512.Create(RootOfTwoOverPi) * x * (one + Vector512.Create(Cubic) * x * x));
        return Vector512.Create(0.5f) * x * (one + tanh);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Derivative(Wide values)
    {
        Wide one = Vector512.Create(1f);
        Wide x = Vector512.MinNative(Vector512.Create(Tail), Vector512.MaxNative(Vector512.Create(-Tail), values));
        Wide t = Vector512.Create(Cubic) * x * x;
        Wide tanh = Tanh.Apply(Vector512.Create(RootOfTwoOverPi) * x * (one + t));
        return Vector512.Create(0.5f) * (one + tanh)
            + Vector512.Create(0.5f * RootOfTwoOverPi) * x * (one - tanh * tanh) * (one + Vector512.Create(3f) * t);
    }

    private static double Inner(double sum) => Math.Sqrt(2 / Math.PI) * (sum + 0.044715 * Math.Pow(sum, 3));
}
