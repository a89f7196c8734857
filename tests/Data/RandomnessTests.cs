using System.Text.Json;
using GpuConvnet.Model.Randomness;
using GpuConvnet.Trainer.Data;

namespace GpuConvnet.Tests.Data;

/// <summary>The generators against NumPy, PyTorch and Random123.</summary>
public class RandomnessTests
{
    [Fact]
    public void FloatsAreTorchs()
    {
        Mt19937 generator = new(1337);

        Assert.Equal(Golden.Net("torch_rand_first64"), Enumerable.Range(0, 64).Select(_ => generator.NextTorchFloat()));
    }

    [Theory]
    [InlineData(SplitOrder.TestThenTrain, "testThenTrain")]
    [InlineData(SplitOrder.TrainThenTest, "trainThenTest")]
    public void PermutationsAreNumPys(SplitOrder order, string key)
    {
        (int[] train, int[] test) = MnistReduction.Permutations(1337, order, 60_000, 10_000);

        JsonElement golden = Golden.Manifest.GetProperty("numpyPermutation").GetProperty(key);
        Assert.Equal(golden.GetProperty("n60000").EnumerateArray().Select(index => index.GetInt32()), train.Take(20));
        Assert.Equal(golden.GetProperty("n10000").EnumerateArray().Select(index => index.GetInt32()), test.Take(20));
        Assert.Equal(Enumerable.Range(0, 60_000), train.Order());
    }

    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(
        0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u,
        0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void PhiloxIsRandom123s(
        uint counter0, uint counter1, uint counter2, uint counter3, uint key0, uint key1,
        uint word0, uint word1, uint word2, uint word3)
    {
        Philox bits = Philox.At(counter0, counter1, counter2, counter3, key0, key1);

        Assert.Equal((word0, word1, word2, word3), (bits.Word0, bits.Word1, bits.Word2, bits.Word3));
    }
}
