using System.Runtime.CompilerServices;
using GpuConvnet.Model.Activations;

namespace GpuConvnet.Model.Numbers;

/// <summary>A number in double precision, with every activation by its definition: what all else is checked against.</summary>
internal readonly unsafe struct Real64 : IReal<Real64, double>
{
    private readonly double _value;

    private Real64(double value) => _value = value;

    /// <inheritdoc/>
    public static int Examples => 1;

    /// <inheritdoc/>
    public static bool DerivativesNeedSums => true;

    /// <inheritdoc/>
    public static int SumsAtOnce => 8;

    /// <inheritdoc/>
    public static Real64 operator +(Real64 left, Real64 right) => new(left._value + right._value);

    /// <inheritdoc/>
    public static Real64 operator -(Real64 left, Real64 right) => new(left._value - right._value);

    /// <inheritdoc/>
    public static Real64 operator *(Real64 left, Real64 right) => new(left._value * right._value);

    /// <inheritdoc/>
    public static Real64 operator /(Real64 left, Real64 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real64 Of(double weight) => new(weight);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Real64 Of(double* weight) => new(*weight);

    /// <inheritdoc/>
    public static Real64 Load(float* values) => new(*values);

    /// <inheritdoc/>
    public static void Store(Real64 value, float* values) => *values = (float)value._value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(ref Real64 sum, Real64 factor, Real64 other) =>
        sum = new(factor._value * other._value + sum._value);

    /// <inheritdoc/>
    public static Real64 Sqrt(Real64 value) => new(Math.Sqrt(value._value));

    /// <inheritdoc/>
    public static Real64 Exp(Real64 value) => new(Math.Exp(value._value));

    /// <inheritdoc/>
    public static Real64 Max(Real64 left, Real64 right) => new(Math.Max(left._value, right._value));

    /// <inheritdoc/>
    public static Real64 Apply<TActivation>(Real64 sum)
        where TActivation : struct, IActivation => new(TActivation.Apply(sum._value));

    /// <inheritdoc/>
    public static Real64 Derivative<TActivation>(Real64 sum, Real64 value)
        where TActivation : struct, IActivation => new(TActivation.Derivative(sum._value));

    /// <inheritdoc/>
    public static double Sum(Real64 value) => value._value;

    /// <inheritdoc/>
    public static void AddSums(Real64 value0, Real64 value1, Real64 value2, Real64 value3, double* weights, nint stride)
    {
        weights[0] += value0._value;
        weights[stride] += value1._value;
        weights[2 * stride] += value2._value;
        weights[3 * stride] += value3._value;
    }

    /// <inheritdoc/>
    public static void AddProducts(Real64* rows, int rowCount, Real64* columns, int columnCount, double* weights)
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
    public static void AddPairs(in PairTiles<Real64, double> tiles)
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

    private static void AddColumn(in PairTiles<Real64, double> tiles, PairTile tile, int column, int weight)
    {
        for (int row = 0; row < tiles.RowCount; row++)
        {
            double sum = 0;
            for (int i = tile.FirstPair; i < tile.FirstPair + tile.PairCount; i++)
            {
                sum += tiles.Rows[row * tiles.RowStep + tiles.RowOf[i]]._value * tiles.Columns[column + tiles.ColumnOf[i]]._value;
            }

            tiles.Weights[weight * tiles.RowCount + row] += sum;
        }
    }
}
