using GpuConvnet.Model;
using GpuConvnet.Model.Randomness;
using GpuConvnet.Recognition;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The article's reduction of MNIST: some of its digits, in random order, from 28x28 to 16x16.</summary>
internal static class MnistReduction
{
    /// <summary>
    /// Draws both splits' permutations from one generator, in the given order, as <c>numpy.random.permutation</c> does.
    /// The first digits of each are the chosen ones.
    /// </summary>
    /// <param name="seed">The seed of <c>numpy.random.seed</c>.</param>
    /// <param name="order">Which split's comes first.</param>
    /// <param name="trainCount">How many digits the whole training split has.</param>
    /// <param name="testCount">How many digits the whole test split has.</param>
    public static (int[] Train, int[] Test) Permutations(uint seed, SplitOrder order, int trainCount, int testCount)
    {
        Mt19937 generator = new(seed);
        if (order == SplitOrder.TrainThenTest)
        {
            int[] trainFirst = generator.NextNumpyPermutation(trainCount);
            return (trainFirst, generator.NextNumpyPermutation(testCount));
        }

        int[] testFirst = generator.NextNumpyPermutation(testCount);
        return (generator.NextNumpyPermutation(trainCount), testFirst);
    }

    /// <summary>Reduces the chosen digits.</summary>
    /// <param name="images">(all, 28, 28), 0 to 255.</param>
    /// <param name="labels">(all).</param>
    /// <param name="chosen">Which, in the order in which they are presented.</param>
    public static Examples Reduce(ReadOnlySpan<byte> images, ReadOnlySpan<byte> labels, ReadOnlySpan<int> chosen)
    {
        float[] pixels = new float[chosen.Length * InputUnits];
        byte[] digits = new byte[chosen.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            const int ImageBytes = MnistImage.Size * MnistImage.Size;
            MnistImage.Reduce(images.Slice(chosen[i] * ImageBytes, ImageBytes), pixels.AsSpan(i * InputUnits, InputUnits));
            digits[i] = labels[chosen[i]];
        }

        return new Examples(pixels, digits);
    }
}
