using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Numbers;

/// <summary>
/// A number of sixteen examples each, in float32: what suits processors with vectors of eight, two of which make one of these.
/// </summary>
internal unsafe struct Lanes16 : IReal<Lanes16, float>
{
    private Wide _value;

    private Lanes16(Wide value) => _value = value;

    /// <inheritdoc/>
    public static int Examples => Vector512<float>.Count;

    /// <inheritdoc/>
    public static bool DerivativesNeedSums => false;

    /// <inheritdoc/>
    public static int SumsAtOnce => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator +(Lanes16 left, Lanes16 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 left, Lanes16 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator *(Lanes16 left, Lanes16 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator /(Lanes16 left, Lanes16 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Of(float weight) => new(Vector512.Create(weight));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Of(float* weight) => new(Vector512.Create(*weight));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(float* values) => new(Vector512.Load(values));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes16 value, float* values) => value._value.Store(values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Lanes16 sum, Lanes16 factor, Lanes16 other) =>
        sum._value = Vector512.MultiplyAddEstimate(factor._value, other._value, sum._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Sqrt(Lanes16 value) => new(Vector512.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Exp(Lanes16 value) => new(Vector512.Exp(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Max(Lanes16 left, Lanes16 right) => new(Vector512.Max(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Apply<TActivation>(Lanes16 sum)
        where TActivation : struct, IActivation => new(TActivation.Apply(sum._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Derivative<TActivation>(Lanes16 sum, Lanes16 value)
        where TActivation : struct, IActivation =>
        new(TActivation.Derivative(TActivation.DerivativeNeedsSum ? sum._value : value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes16 value) => Vector512.Sum(value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSums(
        Lanes16 value0, Lanes16 value1, Lanes16 value2, Lanes16 value3, float* weights, nint stride) =>
        LaneProducts.AddSums(value0._value, value1._value, value2._value, value3._value, weights, stride);

    /// <inheritdoc/>
    public static void AddProducts(Lanes16* rows, int rowCount, Lanes16* columns, int columnCount, float* weights) =>
        LaneProducts.Add((float*)rows, rowCount, (float*)columns, columnCount, Examples, weights);

    /// <inheritdoc/>
    public static void AddPairs(in PairTiles<Lanes16, float> tiles) => LanePairs.Add(tiles, Examples);
}
