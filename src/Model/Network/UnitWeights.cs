using System.Collections.ObjectModel;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Network;

/// <summary>
/// The weights that belong together as one vector: those of a map of H1 (25) or H2 (200), which all its units share, of a
/// unit of H3 (192) and of an output (30).
/// </summary>
/// <param name="First">The first weight's place in <see cref="Parameters"/>.</param>
/// <param name="Stride">From one to the next.</param>
/// <param name="Count">How many they are: the fan-in.</param>
internal readonly record struct UnitWeights(int First, int Stride, int Count)
{
    /// <summary>All 64 vectors: every weight of the network once.</summary>
    public static ReadOnlyCollection<UnitWeights> All { get; } = Array.AsReadOnly(
    [
        .. Enumerable.Range(0, H1Maps).Select(map => OfMap(Parameters.H1w, map)),
        .. Enumerable.Range(0, H2Maps).Select(map => OfMap(Parameters.H2w, map)),
        .. Enumerable.Range(0, H3Units).Select(unit => OfUnit(Parameters.H3w, unit, H3Units)),
        .. Enumerable.Range(0, Outputs).Select(unit => OfUnit(Parameters.Outw, unit, Outputs)),
    ]);

    /// <summary>The vector's Euclidean length.</summary>
    /// <param name="parameters">All parameters.</param>
    public float Length(ReadOnlySpan<float> parameters) => (float)Math.Sqrt(Product(parameters, parameters));

    /// <summary>The scalar product of the vector's weights in two vectors of all parameters.</summary>
    internal double Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0, place = First; i < Count; i++, place += Stride)
        {
            sum += (double)a[place] * b[place];
        }

        return sum;
    }

    private static UnitWeights OfMap(ParameterPart part, int map) => new(part.Offset + map * part.FanIn, 1, part.FanIn);

    private static UnitWeights OfUnit(ParameterPart part, int unit, int units) =>
        new(part.Offset + unit, units, part.FanIn);
}
