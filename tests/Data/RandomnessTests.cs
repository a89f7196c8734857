using System.Runtime.Intrinsics;
using System.Text.Json;
using GpuConvnet.Model.Randomness;

namespace GpuConvnet.Tests.Data;

public class RandomnessTests
{
    private static readonly uint s_seed = Golden.Manifest.GetProperty("seed").GetUInt32();

    [Theory]
    [InlineData("testThenTrain", 10_000, 60_000)]
    [InlineData("trainThenTest", 60_000, 10_000)]
    public void PermutationsAreNumPys(string order, int first, int second)
    {
        JsonElement golden = Golden.Manifest.GetProperty("numpyPermutation").GetProperty(order);
        Mt19937 generator = new(s_seed);

        // Both from one generator: the second shows that the first took as many draws as NumPy's.
        foreach (int count in (int[])[first, second])
        {
            int[] expected = [.. golden.GetProperty($"n{count}").EnumerateArray().Select(value => value.GetInt32())];
            Assert.Equal(20, expected.Length);

            int[] permutation = generator.NextNumpyPermutation(count);

            Assert.Equal(expected, permutation[..20]);
            Assert.Equal(Enumerable.Range(0, count), permutation.Order());
        }
    }

    [Fact]
    public void AnEmptyPermutationAndThatOfOneDrawNothing()
    {
        Mt19937 generator = new(s_seed);

        Assert.Empty(generator.NextNumpyPermutation(0));
        Assert.Equal([0], generator.NextNumpyPermutation(1));

        Assert.Equal(new Mt19937(s_seed).NextUInt32(), generator.NextUInt32());
    }

    [Fact]
    public void NoPermutationHasANegativeLength()
    {
        Assert.Throws<ArgumentOutOfRangeException>("count", () => new Mt19937(s_seed).NextNumpyPermutation(-1));
    }

    [Fact]
    public void FloatsAreTorchs()
    {
        float[] expected = Golden.Net("torch_rand_first64");
        Mt19937 generator = new(s_seed);

        float[] drawn = [.. expected.Select(_ => generator.NextTorchFloat())];

        Assert.Equal(64, drawn.Length);
        Assert.Equal(expected, drawn);
    }

    [Fact]
    public void TheTwisterGoesOnAsTheStandardLibrarysOfCPlusPlusDoes()
    {
        // ISO C++ [rand.predef]: the 10,000th draw of std::mt19937, whose seed is 5489.
        Mt19937 generator = new(5489);
        uint last = 0;
        for (int draw = 0; draw < 10_000; draw++)
        {
            last = generator.NextUInt32();
        }

        Assert.Equal(4123659995u, last);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9_760)]
    public void ManyElementsOfBernoulliAreTheSameAsOneByOne(int skipped)
    {
        Mt19937 together = new(s_seed);
        Mt19937 single = new(s_seed);
        together.Skip(skipped);
        for (int draw = 0; draw < skipped; draw++)
        {
            single.NextUInt32();
        }

        ulong threshold = (ulong)Math.Ceiling(0.75 * (1ul << 53));
        int kept = 0;
        foreach (int count in (int[])[192, 1, 15, 192, 16, 17, 1_000, 192, 311, 313])
        {
            float[] factors = new float[count];
            together.NextTorchBernoulli(threshold, 4f / 3, factors);
            float[] expected = [.. factors.Select(_ => single.NextTorchBernoulli(threshold) ? 4f / 3 : 0f)];

            Assert.Equal(expected, factors);
            kept += factors.Count(factor => factor > 0);

            // Words that are left over from the state before are passed over like others.
            together.Skip(count % 7 * 100);
            for (int draw = 0; draw < count % 7 * 100; draw++)
            {
                single.NextUInt32();
            }
        }

        Assert.Equal(single.NextUInt32(), together.NextUInt32());
        Assert.InRange(kept, 1_600, 1_800);
    }

    /// <summary>The known answers that accompany the paper's own library.</summary>
    [Theory]
    [InlineData(
        new uint[] { 0, 0, 0, 0 }, new uint[] { 0, 0 },
        new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 })]
    [InlineData(
        new uint[] { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, new uint[] { 0xffffffff, 0xffffffff },
        new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd })]
    [InlineData(
        new uint[] { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, new uint[] { 0xa4093822, 0x299f31d0 },
        new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 })]
    public void PhiloxGivesTheKnownAnswers(uint[] counter, uint[] key, uint[] expected)
    {
        Philox words = Philox.At(counter[0], counter[1], counter[2], counter[3], key[0], key[1]);

        Assert.Equal(expected, (uint[])[words.Word0, words.Word1, words.Word2, words.Word3]);
    }

    [Fact]
    public void SixteenAddressesAtOnceGiveWhatEachGivesAlone()
    {
        Random random = new(4);
        for (int trial = 0; trial < 50; trial++)
        {
            uint[] counters0 = [.. Enumerable.Range(0, Vector512<uint>.Count).Select(_ => Word())];
            (uint counter1, uint counter2, uint counter3, uint key0, uint key1) = (Word(), Word(), Word(), Word(), Word());

            PhiloxWide wide = PhiloxWide.At(Vector512.Create(counters0), Vector512.Create(counter1), counter2, counter3, key0, key1);

            for (int i = 0; i < counters0.Length; i++)
            {
                Philox alone = Philox.At(counters0[i], counter1, counter2, counter3, key0, key1);
                Assert.Equal(
                    (alone.Word0, alone.Word1, alone.Word2, alone.Word3),
                    (wide.Word0[i], wide.Word1[i], wide.Word2[i], wide.Word3[i]));
            }
        }

        uint Word() => (uint)random.NextInt64(1L << 32);
    }
}
