using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Activations;

/// <summary>
/// The hyperbolic tangent as x P(x²)/Q(x²), P and Q of degree 4, fitted by us for the least largest relative error and
/// then to float32's rounding. Within 7 units in the last place of the exact value everywhere (5.5 with fused
/// multiply-adds), 0.3 in the mean, and never beyond ±1. One formula for every processor and accelerator, where library versions
/// differ between them and some (CUDA's <c>tanh.approx</c>) are far too coarse.
/// </summary>
public readonly struct Tanh : IActivation
{
    /// <summary>Beyond this, tanh is taken as constant: the true value is within 1.6e-7 of ±1, and so is ours.</summary>
    private const float Saturation = 8.2f;

    private const float P4 = 1.3354633e-08f;
    private const float P3 = 2.06090554e-05f;
    private const float P2 = 0.00349558797f;
    private const float P1 = 0.133810192f;
    private const float Q4 = 7.77654634e-07f;
    private const float Q3 = 0.000328563416f;
    private const float Q2 = 0.025876971f;
    private const float Q1 = 0.467143327f;

    /// <inheritdoc/>
    public static string Name => "tanh";

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
    public static double Apply(double sum) => Math.Tanh(sum);

    /// <inheritdoc/>
    public static double Derivative(double sum) => 1 - Math.Pow(Math.Tanh(sum), 2);

    static string IActivation.Write(IFormulaWriter writer, string sum) => writer.Tanh("", sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Apply(float sum)
    {
        // Two choices of one value each, which a GPU makes without a branch; what is no number stays none.
        float x = sum < -Saturation ? -Saturation : sum;
        x = x > Saturation ? Saturation : x;
        float t = x * x;
        float p = (((P4 * t + P3) * t + P2) * t + P1) * t + 1f;
        float q = (((Q4 * t + Q3) * t + Q2) * t + Q1) * t + 1f;
        return Quotient(x * p, q);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Derivative(float value) => 1f - value * value;

    /// <summary>
    /// A quotient by what lies between 1 and 266, where all is far from overflow: a GPU's own division has to look for that
    /// first, and its branch keeps one unit's arithmetic from overlapping the next one's. From the reciprocal's bits to within
    /// 6% of it, twice by Newton to 2e-5, and the quotient once more by what it leaves of the dividend.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Quotient(float dividend, float divisor)
    {
        const int TwiceOne = 0x7EF311C3;
        float reciprocal = BitConverter.Int32BitsToSingle(TwiceOne - BitConverter.SingleToInt32Bits(divisor));
        reciprocal += reciprocal * (1f - divisor * reciprocal);
        reciprocal += reciprocal * (1f - divisor * reciprocal);
        float quotient = dividend * reciprocal;
        return quotient + reciprocal * (dividend - divisor * quotient);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Apply(Wide sums)
    {
        Wide one = Vector512.Create(1f);

        // In this order: what is no number stays none, where the processor's own maximum gives its second operand.
        Wide x = Vector512.MinNative(
            Vector512.Create(Saturation), Vector512.MaxNative(Vector512.Create(-Saturation), sums));
        Wide t = x * x;
        Wide p = Vector512.MultiplyAddEstimate(Vector512.Create(P4), t, Vector512.Create(P3));
        Wide q = Vector512.MultiplyAddEstimate(Vector512.Create(Q4), t, Vector512.Create(Q3));
        p = Vector512.MultiplyAddEstimate(p, t, Vector512.Create(P2));
        q = Vector512.MultiplyAddEstimate(q, t, Vector512.Create(Q2));
        p = Vector512.MultiplyAddEstimate(p, t, Vector512.Create(P1));
        q = Vector512.MultiplyAddEstimate(q, t, Vector512.Create(Q1));
        p = Vector512.MultiplyAddEstimate(p, t, one);
        q = Vector512.MultiplyAddEstimate(q, t, one);
        return x * p / q;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Derivative(Wide values) =>
        Vector512.MultiplyAddEstimate(-values, values, Vector512.Create(1f));
}
