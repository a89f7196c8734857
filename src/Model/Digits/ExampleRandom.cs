namespace GpuConvnet.Model.Digits;

/// <summary>
/// The random numbers of one example: SplitMix64 (Steele, Lea and Flood, 2014) started from the seed and the example's
/// index, so that an example depends on those two alone and any range can be drawn on its own. Only operations that
/// IEEE 754 rounds in one way are used here, so every platform draws the same bits.
/// </summary>
internal struct ExampleRandom
{
    private ulong _state;

    /// <summary>Starts the numbers of one example.</summary>
    /// <param name="seed">The set's seed.</param>
    /// <param name="index">The example's index, zero or more.</param>
    public ExampleRandom(uint seed, int index)
    {
        // Mixed once first: the raw pair of neighbouring examples would differ in a few low bits only.
        _state = Mix(((ulong)seed << 32) | (uint)index);
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-24.</summary>
    public float Next() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public float Between(float low, float high) => low + (high - low) * Next();

    /// <summary>
    /// Bell-shaped around 0 with the given standard deviation, and never beyond 3.5 of them: the sum of four uniform
    /// numbers, which needs no logarithm or cosine, whose last bits differ between platforms.
    /// </summary>
    public float Bell(float standardDeviation)
    {
        const float RootOf3 = 1.7320508f;
        ulong bits = NextBits();
        ulong sum = (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
        return ((int)sum * (1f / 65536) - 2f) * RootOf3 * standardDeviation;
    }

    private ulong NextBits() => Mix(_state += 0x9e3779b97f4a7c15);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
