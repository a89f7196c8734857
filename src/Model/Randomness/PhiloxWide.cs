using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using WideWord = System.Runtime.Intrinsics.Vector512<uint>;

namespace GpuConvnet.Model.Randomness;

/// <summary><see cref="Philox"/> at sixteen addresses at once, which differ in the counter's first or second word.</summary>
internal readonly struct PhiloxWide
{
    private PhiloxWide(WideWord word0, WideWord word1, WideWord word2, WideWord word3)
    {
        Word0 = word0;
        Word1 = word1;
        Word2 = word2;
        Word3 = word3;
    }

    /// <summary>Each address's first 32 random bits.</summary>
    public WideWord Word0 { get; }

    /// <summary>Each address's second 32 random bits.</summary>
    public WideWord Word1 { get; }

    /// <summary>Each address's third 32 random bits.</summary>
    public WideWord Word2 { get; }

    /// <summary>Each address's fourth 32 random bits.</summary>
    public WideWord Word3 { get; }

    /// <summary>The 128 random bits at each address.</summary>
    /// <param name="counters0">The first words of the counters.</param>
    /// <param name="counters1">The second words of the counters.</param>
    /// <param name="counter2">The third word of the counters.</param>
    /// <param name="counter3">The fourth word of the counters.</param>
    /// <param name="key0">The first word of the key.</param>
    /// <param name="key1">The second word of the key.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxWide At(
        WideWord counters0, WideWord counters1, uint counter2, uint counter3, uint key0, uint key1)
    {
        WideWord counters2 = Vector512.Create(counter2);
        WideWord counters3 = Vector512.Create(counter3);
        for (int round = 0; round < Philox.Rounds; round++)
        {
            Multiply(counters0, Philox.Multiplier0, out WideWord high0, out WideWord low0);
            Multiply(counters2, Philox.Multiplier1, out WideWord high1, out WideWord low1);
            counters0 = high1 ^ counters1 ^ Vector512.Create(key0);
            counters1 = low1;
            counters2 = high0 ^ counters3 ^ Vector512.Create(key1);
            counters3 = low0;
            key0 += Philox.KeyStep0;
            key1 += Philox.KeyStep1;
        }

        return new PhiloxWide(counters0, counters1, counters2, counters3);
    }

    /// <summary>The upper and lower halves of sixteen 64-bit products, from those of the even and of the odd lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(WideWord factors, uint factor, out WideWord high, out WideWord low)
    {
        Vector512<ulong> lowerHalves = Vector512.Create(0xFFFFFFFFul);
        Vector512<ulong> even = Product(factors.AsUInt64() & lowerHalves, factor);
        Vector512<ulong> odd = Product(factors.AsUInt64() >>> 32, factor);
        low = ((even & lowerHalves) | (odd << 32)).AsUInt32();
        high = ((even >>> 32) | (odd & ~lowerHalves)).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Product(Vector512<ulong> factors, uint factor) => Avx512F.IsSupported
        ? Avx512F.Multiply(factors.AsUInt32(), Vector512.Create((ulong)factor).AsUInt32())
        : factors * factor;
}
