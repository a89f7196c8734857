using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>The same row of two neighbouring maps of H2. In registers.</summary>
internal struct TwoRows
{
    /// <summary>The first map's.</summary>
    public Columns4 Map0;

    /// <summary>The second map's.</summary>
    public Columns4 Map1;

    /// <summary>Reads two rows, <paramref name="stride"/> quads apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoRows Load(ArrayView<Columns4> quads, int first, int stride) =>
        new() { Map0 = quads[first], Map1 = quads[first + stride] };
}
