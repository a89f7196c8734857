using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>Which maps of H1 the groups of four maps of H2 read, in the device's memory.</summary>
/// <param name="sources">(groups, H2Sources): the maps that each group reads.</param>
/// <param name="readers">(H1Maps, readersOfMap): group * H2Sources + source of each group that reads a map, or -1.</param>
/// <param name="readersOfMap">How many groups read a map at most.</param>
internal readonly struct EnsembleTables(ArrayView<int> sources, ArrayView<int> readers, int readersOfMap)
{
    /// <summary>(groups, H2Sources): the maps that each group reads.</summary>
    public ArrayView<int> Sources { get; } = sources;

    /// <summary>(H1Maps, <see cref="ReadersOfMap"/>): group * H2Sources + source of each group that reads a map, or -1.</summary>
    public ArrayView<int> Readers { get; } = readers;

    /// <summary>How many groups read a map at most.</summary>
    public int ReadersOfMap { get; } = readersOfMap;
}
