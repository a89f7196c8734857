using System.Runtime.CompilerServices;
using GpuConvnet.Model.Activations;

namespace GpuConvnet.Model.Numbers;

/// <summary>A number in float32: the plain path, an example at a time.</summary>
internal readonly unsafe struct Real32 : IReal<Real32, float>
{
    private readonly float _value;

    private Real32(float value) => _value = value;

    /// <inheritdoc/>
    public static int Examples => 1;

    /// <inheritdoc/>
    public static bool DerivativesNeedSums => false;

    /// <inheritdoc/>
    public static int SumsAtOnce => 8;

    /// <inheritdoc/>
    public static Real32 operator +(Real32 left, Real32 right) => new(left._value + right._value);

    /// <inheritdoc/>
    public static Real32 operator -(Real32 left, Real32 right) => new(left._value - right._value);

    /// <inheritdoc/>
    public static Real32 operator *(Real32 left, Real32 right) => new(left._value * right._value);

    /// <inheritdoc/>
    public static Real32 operator /(Real32 left, Real32 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real32 Of(float weight) => new(weight);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real32 Of(float* weight) => new(*weight);

    /// <inheritdoc/>
    public static Real32 Load(float* values) => new(*values);

    /// <inheritdoc/>
    public static void Store(Real32 value, float* values) => *values = (float)value._value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Real32 sum, Real32 factor, Real32 other) =>
        sum = new(factor._value * other._value + sum._value);

    /// <inheritdoc/>
    public static Real32 Sqrt(Real32 value) => new(MathF.Sqrt(value._value));

    /// <inheritdoc/>
    public static Real32 Exp(Real32 value) => new(MathF.Exp(value._value));

    /// <inheritdoc/>
    public static Real32 Max(Real32 left, Real32 right) => new(MathF.Max(left._value, right._value));

    /// <inheritdoc/>
    public static Real32 Apply<TActivation>(Real32 sum)
        where TActivation : struct, IActivation => new(TActivation.Apply(sum._value));

    /// <inheritdoc/>
    public static Real32 Derivative<TActivation>(Real32 sum, Real32 value)
        where TActivation : struct, IActivation => new(TActivation.Derivative(TActivation.DerivativeNeedsSum ? sum._value : value._value));

    /// <inheritdoc/>
    public static float Sum(Real32 value) => value._value;

    /// <inheritdoc/>
    public static void AddSums(Real32 value0, Real32 value1, Real32 value2, Real32 value3, float* weights, nint stride)
    {
        weights[0] += value0._value;
        weights[stride] += value1._value;
        weights[2 * stride] += value2._value;
        weights[3 * stride] += value3._value;
    }

    /// <inheritdoc/>
    public static void AddProducts(Real32* rows, int rowCount, Real32* columns, int columnCount, float* weights)
    {
        for (int row = 0; row < rowCount; row++)
        {
            for (int column = 0; column < columnCount; column++)
            {
                weights[(nint)row * columnCount + column] += rows[row]._value * columns[column]._value;
            }
        }
    }

    /// <inheritdoc/>
    public static void AddPairs(in PairTiles<Real32, float> tiles)
    {
        foreach (PairTile tile in new ReadOnlySpan<PairTile>(tiles.Tiles, tiles.Count))
        {
            AddColumn(tiles, tile, tile.Column0, tile.Weight0);
            if (tile.Weight1 >= 0)
            {
                AddColumn(tiles, tile, tile.Column1, tile.Weight1);
            }
        }
    }

    private static void AddColumn(in PairTiles<Real32, float> tiles, PairTile tile, int column, int weight)
    {
        for (int row = 0; row < tiles.RowCount; row++)
        {
            float sum = 0;
            for (int i = tile.FirstPair; i < tile.FirstPair + tile.PairCount; i++)
            {
                sum += tiles.Rows[row * tiles.RowStep + tiles.RowOf[i]]._value * tiles.Columns[column + tiles.ColumnOf[i]]._value;
            }

            tiles.Weights[weight * tiles.RowCount + row] += sum;
        }
    }
}
