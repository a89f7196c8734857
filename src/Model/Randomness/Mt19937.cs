using System.Numerics;

namespace GpuConvnet.Model.Randomness;

/// <summary>
/// The Mersenne twister MT19937 (Matsumoto and Nishimura, 1998), seeded by <c>init_genrand</c>: the generator behind
/// both <c>torch.manual_seed</c> and <c>numpy.random.seed</c>, so that the article's initial weights and its choice of
/// digits come out bit for bit.
/// </summary>
public sealed class Mt19937
{
    private const int Size = 624;
    private const int Middle = 397;

    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    /// <summary>Seeds the generator as <c>torch.manual_seed(seed)</c> and <c>numpy.random.seed(seed)</c> do.</summary>
    /// <param name="seed">The 32-bit seed.</param>
    public Mt19937(uint seed)
    {
        _state[0] = seed;
        for (int i = 1; i < Size; i++)
        {
            uint previous = _state[i - 1];
            _state[i] = 1812433253u * (previous ^ (previous >> 30)) + (uint)i;
        }
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt32()
    {
        if (_next == Size)
        {
            Twist();
        }

        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        return y ^ (y >> 18);
    }

    /// <summary>
    /// One float of <c>torch.rand</c>, in [0, 1): the low 24 bits of one draw times 2^-24, which float32 holds exactly.
    /// </summary>
    public float NextTorchFloat() => (NextUInt32() & 0xffffff) * (1f / (1 << 24));

    /// <summary>
    /// <c>numpy.random.permutation(count)</c>: a Fisher-Yates shuffle of 0 .. count-1 from the end, each index drawn
    /// with the smallest covering bit mask and rejection.
    /// </summary>
    /// <param name="count">How many numbers; zero or more.</param>
    /// <returns>A permutation of 0 .. count-1.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public int[] NextNumpyPermutation(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int[] permutation = new int[count];
        for (int i = 0; i < count; i++)
        {
            permutation[i] = i;
        }

        for (int i = count - 1; i > 0; i--)
        {
            int j = (int)NextAtMost((uint)i);
            (permutation[i], permutation[j]) = (permutation[j], permutation[i]);
        }

        return permutation;
    }

    private uint NextAtMost(uint maximum)
    {
        uint mask = uint.MaxValue >> BitOperations.LeadingZeroCount(maximum);
        uint value;
        do
        {
            value = NextUInt32() & mask;
        }
        while (value > maximum);

        return value;
    }

    private void Twist()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (_state[i] & 0x80000000u) | (_state[(i + 1) % Size] & 0x7fffffffu);
            _state[i] = _state[(i + Middle) % Size] ^ (y >> 1) ^ ((y & 1) * 0x9908b0dfu);
        }

        _next = 0;
    }
}
