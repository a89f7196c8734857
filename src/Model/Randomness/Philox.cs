using System.Runtime.CompilerServices;

namespace GpuConvnet.Model.Randomness;

/// <summary>
/// Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011): four random words from a
/// counter and a key, with no state. Every number therefore has an address (seed, step, example, use), and host and
/// accelerators draw the same ones in whatever order they please.
/// </summary>
internal readonly struct Philox
{
    internal const int Rounds = 10;
    internal const uint Multiplier0 = 0xD2511F53;
    internal const uint Multiplier1 = 0xCD9E8D57;
    internal const uint KeyStep0 = 0x9E3779B9;
    internal const uint KeyStep1 = 0xBB67AE85;

    private Philox(uint word0, uint word1, uint word2, uint word3)
    {
        Word0 = word0;
        Word1 = word1;
        Word2 = word2;
        Word3 = word3;
    }

    /// <summary>The first 32 random bits.</summary>
    public uint Word0 { get; }

    /// <summary>The second 32 random bits.</summary>
    public uint Word1 { get; }

    /// <summary>The third 32 random bits.</summary>
    public uint Word2 { get; }

    /// <summary>The fourth 32 random bits.</summary>
    public uint Word3 { get; }

    /// <summary>The 128 random bits at an address.</summary>
    /// <param name="counter0">The first word of the counter.</param>
    /// <param name="counter1">The second word of the counter.</param>
    /// <param name="counter2">The third word of the counter.</param>
    /// <param name="counter3">The fourth word of the counter.</param>
    /// <param name="key0">The first word of the key.</param>
    /// <param name="key1">The second word of the key.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Philox At(uint counter0, uint counter1, uint counter2, uint counter3, uint key0, uint key1)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * counter0;
            ulong product1 = (ulong)Multiplier1 * counter2;
            counter0 = (uint)(product1 >> 32) ^ counter1 ^ key0;
            counter1 = (uint)product1;
            counter2 = (uint)(product0 >> 32) ^ counter3 ^ key1;
            counter3 = (uint)product0;
            key0 += KeyStep0;
            key1 += KeyStep1;
        }

        return new Philox(counter0, counter1, counter2, counter3);
    }
}
