using System.Runtime.CompilerServices;

namespace GpuConvnet.Model.Simd;

/// <summary>Times nothing and costs nothing.</summary>
internal readonly struct NoClock : ILayerClock
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Passed(LayerPass pass)
    {
        // Nobody asked.
    }
}
