using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Numbers;

/// <summary>
/// A number of thirty-two examples each, in float32: what suits processors with vectors of sixteen, two of which make one of these.
/// </summary>
internal unsafe struct Lanes32 : IReal<Lanes32, float>
{
    private Wide _low;
    private Wide _high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes32(Wide low, Wide high)
    {
        _low = low;
        _high = high;
    }

    /// <inheritdoc/>
    public static int Examples => 2 * Vector512<float>.Count;

    /// <inheritdoc/>
    public static bool DerivativesNeedSums => false;

    /// <inheritdoc/>
    public static int SumsAtOnce => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 operator +(Lanes32 left, Lanes32 right) => new(left._low + right._low, left._high + right._high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 operator -(Lanes32 left, Lanes32 right) => new(left._low - right._low, left._high - right._high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 operator *(Lanes32 left, Lanes32 right) => new(left._low * right._low, left._high * right._high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 operator /(Lanes32 left, Lanes32 right) => new(left._low / right._low, left._high / right._high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Of(float weight) => new(Vector512.Create(weight), Vector512.Create(weight));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Of(float* weight)
    {
        Wide value = Vector512.Create(*weight);
        return new(value, value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Load(float* values) => new(Vector512.Load(values), Vector512.Load(values + Vector512<float>.Count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes32 value, float* values)
    {
        value._low.Store(values);
        value._high.Store(values + Vector512<float>.Count);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes32 sum, Lanes32 factor, Lanes32 other)
    {
        sum._low = Vector512.MultiplyAddEstimate(factor._low, other._low, sum._low);
        sum._high = Vector512.MultiplyAddEstimate(factor._high, other._high, sum._high);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Sqrt(Lanes32 value) => new(Vector512.Sqrt(value._low), Vector512.Sqrt(value._high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Exp(Lanes32 value) => new(Vector512.Exp(value._low), Vector512.Exp(value._high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Max(Lanes32 left, Lanes32 right) =>
        new(Vector512.Max(left._low, right._low), Vector512.Max(left._high, right._high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Apply<TActivation>(Lanes32 sum)
        where TActivation : struct, IActivation => new(TActivation.Apply(sum._low), TActivation.Apply(sum._high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes32 Derivative<TActivation>(Lanes32 sum, Lanes32 value)
        where TActivation : struct, IActivation =>
        TActivation.DerivativeNeedsSum
            ? new(TActivation.Derivative(sum._low), TActivation.Derivative(sum._high))
            : new(TActivation.Derivative(value._low), TActivation.Derivative(value._high));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes32 value) => Vector512.Sum(value._low + value._high);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSums(
        Lanes32 value0, Lanes32 value1, Lanes32 value2, Lanes32 value3, float* weights, nint stride) =>
        LaneProducts.AddSums(
            value0._low + value0._high, value1._low + value1._high, value2._low + value2._high, value3._low + value3._high,
            weights, stride);

    /// <inheritdoc/>
    public static void AddProducts(Lanes32* rows, int rowCount, Lanes32* columns, int columnCount, float* weights) =>
        LaneProducts.Add((float*)rows, rowCount, (float*)columns, columnCount, Examples, weights);

    /// <inheritdoc/>
    public static void AddPairs(in PairTiles<Lanes32, float> tiles) => LanePairs.Add(tiles, Examples);
}
