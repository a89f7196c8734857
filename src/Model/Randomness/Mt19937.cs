using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuConvnet.Model.Randomness;

/// <summary>
/// The Mersenne twister MT19937 (Matsumoto and Nishimura, 1998), seeded by <c>init_genrand</c>: the generator behind
/// both <c>torch.manual_seed</c> and <c>numpy.random.seed</c>, so that the article's initial weights and its choice of
/// digits come out bit for bit.
/// </summary>
internal sealed class Mt19937
{
    private const int Size = 624;
    private const int Middle = 397;
    private const int Lanes = 16;
    private const uint UpperBit = 0x80000000u;
    private const uint Matrix = 0x9908b0dfu;

    /// <summary>How many words may be left over when the state is twisted: fewer than two vectors.</summary>
    private const int LeftOver = 2 * Lanes;
    private const int End = LeftOver + Size;

    private readonly uint[] _state = new uint[Size];

    /// <summary>The state's words as they are drawn, behind those that were left over from the state before.</summary>
    private readonly uint[] _drawn = new uint[End];
    private int _next = End;

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
        if (_next == End)
        {
            Twist();
        }

        return _drawn[_next++];
    }

    /// <summary>
    /// Whether one element of PyTorch's <c>bernoulli_(p)</c> on a CPU without MKL is 1: the low 53 bits of two draws, the
    /// first one above the second, as a fraction of 2^53, are below p.
    /// </summary>
    /// <param name="threshold">p times 2^53, rounded up.</param>
    public bool NextTorchBernoulli(ulong threshold)
    {
        ulong high = NextUInt32();
        return (((high << 32) | NextUInt32()) & ((1ul << 53) - 1)) < threshold;
    }

    /// <summary>A factor for each element of <c>bernoulli_(p)</c>, in their order.</summary>
    /// <param name="threshold">p times 2^53, rounded up.</param>
    /// <param name="kept">The factor where an element is 1; it is 0 elsewhere.</param>
    /// <param name="factors">Takes the factors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void NextTorchBernoulli(ulong threshold, float kept, Span<float> factors)
    {
        Vector512<ulong> thresholds = Vector512.Create(threshold);
        Vector512<float> keptFactors = Vector512.Create(kept);
        for (; factors.Length >= Lanes; factors = factors[Lanes..])
        {
            if (End - _next < 2 * Lanes)
            {
                Twist();
            }

            Vector512<uint> isKept = Vector512.Narrow(
                Vector512.LessThan(Fractions(_next), thresholds), Vector512.LessThan(Fractions(_next + Lanes), thresholds));
            (isKept.AsSingle() & keptFactors).CopyTo(factors);
            _next += 2 * Lanes;
        }

        foreach (ref float factor in factors)
        {
            factor = NextTorchBernoulli(threshold) ? kept : 0f;
        }
    }

    /// <summary>One number of <c>numpy.random.randint(-most, most + 1)</c>.</summary>
    /// <param name="most">The largest magnitude, 0 or more.</param>
    public int NextNumpyWithin(int most) => (int)NextAtMost((uint)(2 * most)) - most;

    /// <summary>Draws numbers that nobody wants.</summary>
    /// <param name="count">How many draws of 32 bits.</param>
    public void Skip(long count)
    {
        for (; count > End - _next; Twist())
        {
            count -= End - _next;
            _next = End;
        }

        _next += (int)count;
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

    /// <summary>Makes the next words, behind those that are left over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Twist()
    {
        int left = End - _next;
        _drawn.AsSpan(_next).CopyTo(_drawn.AsSpan(LeftOver - left));
        _next = LeftOver - left;

        // Each word needs its successor and one 397 further on, as they were or, once those have been passed, as they are
        // now: sixteen words at a time never meet their own successors' new values.
        int i = 0;
        for (; i + Lanes <= Size - Middle; i += Lanes)
        {
            TwistLanes(i, i + Middle);
        }

        for (; i < Size - Middle; i++)
        {
            TwistWord(i, i + 1, i + Middle);
        }

        for (; i + Lanes <= Size - 1; i += Lanes)
        {
            TwistLanes(i, i + Middle - Size);
        }

        for (; i < Size - 1; i++)
        {
            TwistWord(i, i + 1, i + Middle - Size);
        }

        TwistWord(Size - 1, 0, Middle - 1);
        for (int word = 0; word < Size; word += Lanes)
        {
            Vector512<uint> y = Vector512.LoadUnsafe(ref _state[word]);
            y ^= y >>> 11;
            y ^= (y << 7) & Vector512.Create(0x9d2c5680u);
            y ^= (y << 15) & Vector512.Create(0xefc60000u);
            (y ^ (y >>> 18)).StoreUnsafe(ref _drawn[LeftOver + word]);
        }
    }

    /// <summary>What eight elements of <c>bernoulli_</c> make of sixteen draws.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<ulong> Fractions(int first)
    {
        Vector512<ulong> pairs = Vector512.LoadUnsafe(ref _drawn[first]).AsUInt64();
        return ((pairs << 32) | (pairs >>> 32)) & Vector512.Create((1ul << 53) - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TwistLanes(int i, int far)
    {
        Vector512<uint> y = (Vector512.LoadUnsafe(ref _state[i]) & Vector512.Create(UpperBit))
            | (Vector512.LoadUnsafe(ref _state[i + 1]) & Vector512.Create(~UpperBit));
        Vector512<uint> odd = Vector512<uint>.Zero - (y & Vector512<uint>.One);
        (Vector512.LoadUnsafe(ref _state[far]) ^ (y >>> 1) ^ (odd & Vector512.Create(Matrix))).StoreUnsafe(ref _state[i]);
    }

    private void TwistWord(int i, int next, int far)
    {
        uint y = (_state[i] & UpperBit) | (_state[next] & ~UpperBit);
        _state[i] = _state[far] ^ (y >> 1) ^ ((y & 1) * Matrix);
    }
}
