using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>A group's shared memory: a member, as <see cref="EnsembleLayout"/> lays it out, and the connections.</summary>
internal readonly struct EnsembleMemory(ArrayView<Float4> float4s, ArrayView<int> tables)
{
    /// <summary>The member, in floats.</summary>
    public ArrayView<float> Values { get; } = float4s.Cast<float>();

    /// <summary>The same, in float4s of four floats: one load of 16 bytes each.</summary>
    public ArrayView<Float4> Float4s { get; } = float4s;

    private readonly ArrayView<int> _tables = tables;

    /// <summary>Brings a member and the connections in. A barrier must follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(ArrayView<float> parameters, int member, EnsembleTables tables)
    {
        int first = member * Layout.Parameters;
        for (int parameter = Group.IdxX; parameter < Layout.Parameters; parameter += EnsembleKernels.Threads)
        {
            Values[EnsembleLayout.Parameters + parameter] = parameters[first + parameter];
        }

        for (int entry = Group.IdxX; entry < EnsembleLayout.Sources; entry += EnsembleKernels.Threads)
        {
            _tables[entry] = tables.Sources[entry];
        }

        int readers = Shape1989.H1Maps * tables.ReadersOfMap;
        for (int entry = Group.IdxX; entry < readers; entry += EnsembleKernels.Threads)
        {
            _tables[EnsembleLayout.Sources + entry] = tables.Readers[entry];
        }
    }

    /// <summary>Brings the member's parameters out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ArrayView<float> parameters, int member)
    {
        int first = member * Layout.Parameters;
        for (int parameter = Group.IdxX; parameter < Layout.Parameters; parameter += EnsembleKernels.Threads)
        {
            parameters[first + parameter] = Values[EnsembleLayout.Parameters + parameter];
        }
    }

    /// <summary>A map of H1 that a group of maps of H2 reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Source(int group, int source) => _tables[group * Shape1989.H2Sources + source];

    /// <summary>Group * H2Sources + source of a group that reads a map of H1, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Reader(int entry) => _tables[EnsembleLayout.Sources + entry];

    /// <summary>Moves five neighbouring parameters, which the calling thread alone works on.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="parameters">All five, as they are.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="slot">The first one's slot.</param>
    /// <param name="stride">Slots from one to the next.</param>
    /// <param name="step">The presentation's constants.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move<TRule>(int first, Taps5 parameters, Taps5 gradients, int slot, int stride, in EnsembleStep step)
        where TRule : struct, IEnsembleRule =>
        TRule.Moved(parameters, gradients, slot, stride, step).Store(Values, first, 1);

    /// <summary>Moves one parameter, whose slot is its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move<TRule>(int parameter, float gradient, in EnsembleStep step)
        where TRule : struct, IEnsembleRule =>
        Values[parameter] = TRule.Moved(Values[parameter], gradient, parameter, step);
}
