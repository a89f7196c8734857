using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;

namespace GpuConvnet.Kernels.Replicas;

/// <summary>A row of the image between its borders, in registers: ten even columns, then ten odd ones, in quads.</summary>
internal struct ReplicaImageRow
{
    private Columns4 _q0;
    private Columns4 _q1;
    private Columns4 _q2;
    private Columns4 _q3;
    private Columns4 _q4;

    /// <summary>What lies under a kernel's column 0 at the eight units of a row of H1: even columns 0 to 7.</summary>
    public readonly Columns8 Under0
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Columns8.Of(_q0.C0, _q0.C1, _q0.C2, _q0.C3, _q1.C0, _q1.C1, _q1.C2, _q1.C3);
    }

    /// <summary>What lies under column 1: odd columns 0 to 7.</summary>
    public readonly Columns8 Under1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Columns8.Of(_q2.C2, _q2.C3, _q3.C0, _q3.C1, _q3.C2, _q3.C3, _q4.C0, _q4.C1);
    }

    /// <summary>What lies under column 2: even columns 1 to 8.</summary>
    public readonly Columns8 Under2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Columns8.Of(_q0.C1, _q0.C2, _q0.C3, _q1.C0, _q1.C1, _q1.C2, _q1.C3, _q2.C0);
    }

    /// <summary>What lies under column 3: odd columns 1 to 8.</summary>
    public readonly Columns8 Under3
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Columns8.Of(_q2.C3, _q3.C0, _q3.C1, _q3.C2, _q3.C3, _q4.C0, _q4.C1, _q4.C2);
    }

    /// <summary>What lies under column 4: even columns 2 to 9.</summary>
    public readonly Columns8 Under4
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Columns8.Of(_q0.C2, _q0.C3, _q1.C0, _q1.C1, _q1.C2, _q1.C3, _q2.C0, _q2.C1);
    }

    /// <summary>Reads a row.</summary>
    /// <param name="memory">The group's memory.</param>
    /// <param name="row">The row, 0 to 19, the border's included.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReplicaImageRow Load<TShape>(ReplicaMemory memory, int row)
        where TShape : struct, IShape
    {
        int first = (ReplicaLayout<TShape>.Image + row * ReplicaLayout<TShape>.ImageRow) / 4;
        return new ReplicaImageRow
        {
            _q0 = memory.Quads[first],
            _q1 = memory.Quads[first + 1],
            _q2 = memory.Quads[first + 2],
            _q3 = memory.Quads[first + 3],
            _q4 = memory.Quads[first + 4],
        };
    }
}
