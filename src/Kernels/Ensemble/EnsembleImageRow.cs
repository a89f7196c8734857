using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>A row of the image between its borders, in registers: ten even columns, then ten odd ones, in float4s.</summary>
internal struct EnsembleImageRow
{
    private Float4 _q0;
    private Float4 _q1;
    private Float4 _q2;
    private Float4 _q3;
    private Float4 _q4;

    /// <summary>What lies under a kernel's column 0 at the eight units of a row of H1: even columns 0 to 7.</summary>
    public readonly Float8 Under0
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float8.Of(_q0.C0, _q0.C1, _q0.C2, _q0.C3, _q1.C0, _q1.C1, _q1.C2, _q1.C3);
    }

    /// <summary>What lies under column 1: odd columns 0 to 7.</summary>
    public readonly Float8 Under1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float8.Of(_q2.C2, _q2.C3, _q3.C0, _q3.C1, _q3.C2, _q3.C3, _q4.C0, _q4.C1);
    }

    /// <summary>What lies under column 2: even columns 1 to 8.</summary>
    public readonly Float8 Under2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float8.Of(_q0.C1, _q0.C2, _q0.C3, _q1.C0, _q1.C1, _q1.C2, _q1.C3, _q2.C0);
    }

    /// <summary>What lies under column 3: odd columns 1 to 8.</summary>
    public readonly Float8 Under3
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float8.Of(_q2.C3, _q3.C0, _q3.C1, _q3.C2, _q3.C3, _q4.C0, _q4.C1, _q4.C2);
    }

    /// <summary>What lies under column 4: even columns 2 to 9.</summary>
    public readonly Float8 Under4
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float8.Of(_q0.C2, _q0.C3, _q1.C0, _q1.C1, _q1.C2, _q1.C3, _q2.C0, _q2.C1);
    }

    /// <summary>Reads a row.</summary>
    /// <param name="memory">The group's memory.</param>
    /// <param name="row">The row, 0 to 19, the border's included.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EnsembleImageRow Load(EnsembleMemory memory, int row)
    {
        int first = (EnsembleLayout.Image + row * EnsembleLayout.ImageRow) / 4;
        return new EnsembleImageRow
        {
            _q0 = memory.Float4s[first],
            _q1 = memory.Float4s[first + 1],
            _q2 = memory.Float4s[first + 2],
            _q3 = memory.Float4s[first + 3],
            _q4 = memory.Float4s[first + 4],
        };
    }
}
