using System.Numerics;
using GpuConvnet.Model.Activations;

namespace GpuConvnet.Model.Numbers;

/// <summary>
/// What a layer computes with, as a compile-time choice: a number, or one number each of several examples. A layer is
/// written once over it. In double it is the oracle, in float the plain path, and in lanes, an example each, it is fast.
/// </summary>
/// <typeparam name="TSelf">The number.</typeparam>
/// <typeparam name="TWeight">What parameters and their gradients are: one number for all examples.</typeparam>
public unsafe interface IReal<TSelf, TWeight>
    where TSelf : unmanaged, IReal<TSelf, TWeight>
    where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
{
    /// <summary>How many examples a number holds.</summary>
    static abstract int Examples { get; }

    /// <summary>Whether derivatives are computed of the weighted sum always, which must then be there.</summary>
    internal static abstract bool DerivativesNeedSums { get; }

    /// <summary>How many sums, and what they are made of, stay in registers: 4 or 8.</summary>
    internal static abstract int SumsAtOnce { get; }

    /// <summary>The sum.</summary>
    static abstract TSelf operator +(TSelf left, TSelf right);

    /// <summary>The difference.</summary>
    static abstract TSelf operator -(TSelf left, TSelf right);

    /// <summary>The product.</summary>
    static abstract TSelf operator *(TSelf left, TSelf right);

    /// <summary>The quotient.</summary>
    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>A weight for every example.</summary>
    /// <param name="weight">The weight.</param>
    static abstract TSelf Of(TWeight weight);

    /// <summary>A weight in memory for every example: one instruction, where that other one would be two.</summary>
    /// <param name="weight">Where it lies.</param>
    static abstract TSelf Of(TWeight* weight);

    /// <summary>A number for each example.</summary>
    /// <param name="values">As many as there are examples.</param>
    static abstract TSelf Load(float* values);

    /// <summary>The numbers of the examples, one after the other.</summary>
    /// <param name="value">The number.</param>
    /// <param name="values">Room for as many as there are examples.</param>
    static abstract void Store(TSelf value, float* values);

    /// <summary>sum += factor * other, rounded once where the processor can: in place, so that a sum stays in its registers.</summary>
    /// <param name="sum">What is added to.</param>
    /// <param name="factor">A factor.</param>
    /// <param name="other">The other factor.</param>
    static abstract void AddProduct(ref TSelf sum, TSelf factor, TSelf other);

    /// <summary>The square root.</summary>
    /// <param name="value">0 or more; below, the root is no number.</param>
    static abstract TSelf Sqrt(TSelf value);

    /// <summary>The exponential.</summary>
    /// <param name="value">The exponent, of e.</param>
    static abstract TSelf Exp(TSelf value);

    /// <summary>The larger one of each example's two.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>An activation's value.</summary>
    /// <typeparam name="TActivation">The activation.</typeparam>
    /// <param name="sum">The weighted sum.</param>
    static abstract TSelf Apply<TActivation>(TSelf sum)
        where TActivation : struct, IActivation;

    /// <summary>An activation's derivative.</summary>
    /// <typeparam name="TActivation">The activation.</typeparam>
    /// <param name="sum">The weighted sum; read only where <see cref="IActivation.DerivativeNeedsSum"/>, or in double.</param>
    /// <param name="value">What <see cref="Apply{TActivation}"/> made of it.</param>
    static abstract TSelf Derivative<TActivation>(TSelf sum, TSelf value)
        where TActivation : struct, IActivation;

    /// <summary>The sum over the examples.</summary>
    /// <param name="value">A number for each.</param>
    static abstract TWeight Sum(TSelf value);

    /// <summary>Adds four sums over the examples to four weights.</summary>
    /// <param name="value0">Goes to the first weight.</param>
    /// <param name="value1">Goes to the second.</param>
    /// <param name="value2">Goes to the third.</param>
    /// <param name="value3">Goes to the last.</param>
    /// <param name="weights">The first weight.</param>
    /// <param name="stride">From one weight to the next.</param>
    static abstract void AddSums(
        TSelf value0, TSelf value1, TSelf value2, TSelf value3, TWeight* weights, nint stride);

    /// <summary>Adds to a matrix of weights, of every row and column, the sum over the examples of their product.</summary>
    /// <param name="rows">(rows).</param>
    /// <param name="rowCount">How many.</param>
    /// <param name="columns">(columns).</param>
    /// <param name="columnCount">How many.</param>
    /// <param name="weights">(rows, columns), row-major.</param>
    static abstract void AddProducts(TSelf* rows, int rowCount, TSelf* columns, int columnCount, TWeight* weights);

    /// <summary>Adds to tiles of weights what their pairs add up to.</summary>
    /// <param name="tiles">The tiles.</param>
    internal static abstract void AddPairs(in PairTiles<TSelf, TWeight> tiles);
}
