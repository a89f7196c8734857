using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// Which task of which row a thread has: division by a number that is known when the kernel is compiled. Neither ILGPU nor the
/// assembler of an NVIDIA driver turns <c>task / 12</c> or <c>task % 8</c> into something cheaper than a division by an
/// unknown number, which is 25 instructions and waits for three of them; these are two or three.
/// </summary>
internal static class Division
{
    private const int Bits = 20;

    /// <summary>The quotient, rounded down.</summary>
    /// <param name="value">At least 0, less than 4,096 and than 2^20 / <paramref name="divisor"/>.</param>
    /// <param name="divisor">From 1 to 1,024.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Over(this int value, int divisor) =>
        (int)((uint)value * (uint)(((1 << Bits) + divisor - 1) / divisor) >> Bits);

    /// <summary>The remainder.</summary>
    /// <param name="value">As for <see cref="Over"/>.</param>
    /// <param name="divisor">As for <see cref="Over"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Modulo(this int value, int divisor) =>
        (divisor & (divisor - 1)) == 0 ? value & (divisor - 1) : value - value.Over(divisor) * divisor;
}
