using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Networks;

/// <summary>Twice another number.</summary>
/// <typeparam name="THalf">The other number.</typeparam>
internal readonly struct Even<THalf> : ISize
    where THalf : struct, ISize
{
    /// <inheritdoc/>
    public static int Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * THalf.Value;
    }
}
