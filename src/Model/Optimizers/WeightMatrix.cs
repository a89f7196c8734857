using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// A part of the parameters that is a matrix: a layer's weights, row-major as they are kept; a convolution's are
/// (maps, sources x taps). Of 1989: 12x25, 12x200, 192x30, 30x10.
/// </summary>
/// <param name="offset">Where it begins in the vector of all parameters.</param>
/// <param name="rows">Rows, as it is kept.</param>
/// <param name="columns">Columns, as it is kept.</param>
/// <param name="ratioScale">sqrt(max(1, units / inputs of a unit)).</param>
/// <param name="sizeScale">sqrt(max(units, inputs of a unit)).</param>
internal readonly struct WeightMatrix(int offset, int rows, int columns, float ratioScale, float sizeScale)
{
    /// <summary>Where it begins in the vector of all parameters.</summary>
    public int Offset { get; } = offset;

    /// <summary>Rows, as it is kept.</summary>
    public int Rows { get; } = rows;

    /// <summary>Columns, as it is kept.</summary>
    public int Columns { get; } = columns;

    /// <summary>sqrt(max(1, units / inputs of a unit)).</summary>
    public float RatioScale { get; } = ratioScale;

    /// <summary>sqrt(max(units, inputs of a unit)).</summary>
    public float SizeScale { get; } = sizeScale;

    /// <summary>The smaller side.</summary>
    public int Smaller => Rows < Columns ? Rows : Columns;

    /// <summary>The larger side.</summary>
    public int Larger => Rows < Columns ? Columns : Rows;

    /// <summary>From an element of the smaller side to the next one.</summary>
    public int SmallerStride => Rows <= Columns ? Columns : 1;

    /// <summary>From an element of the larger side to the next one.</summary>
    public int LargerStride => Rows <= Columns ? 1 : Columns;

    /// <summary>Every weight matrix among a network's parameters, in their order.</summary>
    /// <param name="parts">The parts of the parameters.</param>
    public static WeightMatrix[] Of(IReadOnlyList<ParameterPart> parts) =>
        [.. parts.Where(part => part.Rule == PartRule.Weights).Select(Of)];

    /// <summary>What is no matrix: where each stretch of the parameters begins, and how long it is.</summary>
    /// <param name="parts">The parts of the parameters.</param>
    public static (int Offset, int Count)[] Others(IReadOnlyList<ParameterPart> parts) =>
        [.. parts.Where(part => part.Rule != PartRule.Weights).Select(part => (part.Offset, part.Count))];

    private static WeightMatrix Of(ParameterPart part)
    {
        double units = (double)part.Count / part.Inputs;
        return new(
            part.Offset, part.Shape[0], part.Count / part.Shape[0], (float)Math.Sqrt(Math.Max(1, units / part.Inputs)),
            (float)Math.Sqrt(Math.Max(units, part.Inputs)));
    }
}
