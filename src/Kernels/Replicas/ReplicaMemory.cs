using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using ILGPU;

namespace GpuConvnet.Kernels.Replicas;

/// <summary>A group's shared memory: a replica, as <see cref="ReplicaLayout{TShape}"/> lays it out, and the connections.</summary>
internal readonly struct ReplicaMemory(ArrayView<Columns4> quads, ArrayView<int> tables)
{
    /// <summary>The replica, in floats.</summary>
    public ArrayView<float> Values { get; } = quads.Cast<float>();

    /// <summary>The same, in quads of four floats: one load of 16 bytes each.</summary>
    public ArrayView<Columns4> Quads { get; } = quads;

    private readonly ArrayView<int> _tables = tables;

    /// <summary>Brings a replica and the connections in. A barrier must follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load<TShape>(ArrayView<float> parameters, int replica, ReplicaTables tables)
        where TShape : struct, IShape
    {
        int first = replica * Layout<TShape>.Parameters;
        for (int parameter = Group.IdxX; parameter < Layout<TShape>.Parameters; parameter += ReplicaKernels.Threads)
        {
            Values[ReplicaLayout<TShape>.Parameters + parameter] = parameters[first + parameter];
        }

        for (int entry = Group.IdxX; entry < ReplicaLayout<TShape>.Sources; entry += ReplicaKernels.Threads)
        {
            _tables[entry] = tables.Sources[entry];
        }

        int readers = TShape.H1Maps * tables.ReadersOfMap;
        for (int entry = Group.IdxX; entry < readers; entry += ReplicaKernels.Threads)
        {
            _tables[ReplicaLayout<TShape>.Sources + entry] = tables.Readers[entry];
        }
    }

    /// <summary>Brings the replica's parameters out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TShape>(ArrayView<float> parameters, int replica)
        where TShape : struct, IShape
    {
        int first = replica * Layout<TShape>.Parameters;
        for (int parameter = Group.IdxX; parameter < Layout<TShape>.Parameters; parameter += ReplicaKernels.Threads)
        {
            parameters[first + parameter] = Values[ReplicaLayout<TShape>.Parameters + parameter];
        }
    }

    /// <summary>A map of H1 that a group of maps of H2 reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Source<TShape>(int group, int source)
        where TShape : struct, IShape => _tables[group * TShape.H2Sources + source];

    /// <summary>Group * H2Sources + source of a group that reads a map of H1, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Reader<TShape>(int entry)
        where TShape : struct, IShape => _tables[ReplicaLayout<TShape>.Sources + entry];

    /// <summary>Moves five neighbouring parameters, which the calling thread alone works on.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="parameters">All five, as they are.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="slot">The first one's slot.</param>
    /// <param name="stride">Slots from one to the next.</param>
    /// <param name="step">The presentation's constants.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move<TRule>(int first, Taps5 parameters, Taps5 gradients, int slot, int stride, in ReplicaStep step)
        where TRule : struct, IReplicaRule
    {
        Values[first] = TRule.Moved(parameters.T0, gradients.T0, slot, step);
        Values[first + 1] = TRule.Moved(parameters.T1, gradients.T1, slot + stride, step);
        Values[first + 2] = TRule.Moved(parameters.T2, gradients.T2, slot + 2 * stride, step);
        Values[first + 3] = TRule.Moved(parameters.T3, gradients.T3, slot + 3 * stride, step);
        Values[first + 4] = TRule.Moved(parameters.T4, gradients.T4, slot + 4 * stride, step);
    }

    /// <summary>Moves one parameter, whose slot is its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move<TRule>(int parameter, float gradient, in ReplicaStep step)
        where TRule : struct, IReplicaRule =>
        Values[parameter] = TRule.Moved(Values[parameter], gradient, parameter, step);
}
