using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using WideBits = System.Runtime.Intrinsics.Vector512<uint>;

namespace GpuConvnet.Model.Randomness;

/// <summary>Sixteen <see cref="Philox"/> at once, for processors with AVX-512: one a lane, the same bits.</summary>
internal readonly ref struct PhiloxWide
{
    /// <summary>The random bits at sixteen addresses that differ in their first word.</summary>
    /// <param name="counter0">The first words of the counters.</param>
    /// <param name="counter1">The second word of all.</param>
    /// <param name="counter2">The third word of all.</param>
    /// <param name="key0">The first word of the key.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PhiloxWide(WideBits counter0, uint counter1, uint counter2, uint key0)
    {
        WideBits word1 = Vector512.Create(counter1);
        WideBits word2 = Vector512.Create(counter2);
        WideBits word3 = WideBits.Zero;
        uint key1 = 0;
        for (int round = 0; round < 10; round++)
        {
            Multiply(0xD2511F53u, counter0, out WideBits low0, out WideBits high0);
            Multiply(0xCD9E8D57u, word2, out WideBits low1, out WideBits high1);
            counter0 = high1 ^ word1 ^ Vector512.Create(key0);
            word1 = low1;
            word2 = high0 ^ word3 ^ Vector512.Create(key1);
            word3 = low0;
            key0 += 0x9E3779B9u;
            key1 += 0xBB67AE85u;
        }

        Word0 = counter0;
        Word1 = word1;
        Word2 = word2;
        Word3 = word3;
    }

    /// <summary>The first 32 random bits of each.</summary>
    public WideBits Word0 { get; }

    /// <summary>The second 32 random bits of each.</summary>
    public WideBits Word1 { get; }

    /// <summary>The third 32 random bits of each.</summary>
    public WideBits Word2 { get; }

    /// <summary>The fourth 32 random bits of each.</summary>
    public WideBits Word3 { get; }

    /// <summary>32 bits times 32 bits: even lanes and odd ones apart, for a product is as wide as two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(uint factor, WideBits values, out WideBits low, out WideBits high)
    {
        WideBits factors = Vector512.Create(factor);
        WideBits odd = Vector512.Create(0xFFFFFFFF_00000000ul).AsUInt32();
        Vector512<ulong> even = Avx512F.Multiply(values, factors);
        Vector512<ulong> other =
            Avx512F.Multiply((values.AsUInt64() >> 32).AsUInt32(), factors);
        low = Vector512.ConditionalSelect(odd, (other << 32).AsUInt32(), even.AsUInt32());
        high = Vector512.ConditionalSelect(odd, other.AsUInt32(), (even >> 32).AsUInt32());
    }
}
