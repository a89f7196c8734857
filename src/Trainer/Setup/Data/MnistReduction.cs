using GpuConvnet.Model;
using GpuConvnet.Model.Randomness;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The article's reduction of MNIST: some of its digits, in random order, from 28x28 to 16x16.</summary>
public static class MnistReduction
{
    /// <summary>Pixel/127.5 - 1 of each of the 256 pixels: a table, as every pixel is asked for about three times.</summary>
    private static readonly float[] s_values =
        [.. Enumerable.Range(byte.MinValue, byte.MaxValue + 1).Select(pixel => pixel / 127.5f - 1f)];

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
            const int ImageBytes = IdxFile.ImageSize * IdxFile.ImageSize;
            Resize(images.Slice(chosen[i] * ImageBytes, ImageBytes), pixels.AsSpan(i * InputUnits, InputUnits));
            digits[i] = labels[chosen[i]];
        }

        return new Examples(pixels, digits);
    }

    /// <summary>
    /// Pixel/127.5 - 1, then bilinear as <c>torch.nn.functional.interpolate</c> does without antialiasing: half-pixel
    /// centres, in float32.
    /// </summary>
    /// <param name="image">(28, 28), 0 to 255.</param>
    /// <param name="reduced">(16, 16), -1 to 1.</param>
    internal static void Resize(ReadOnlySpan<byte> image, Span<float> reduced)
    {
        const float Scale = (float)IdxFile.ImageSize / InputSize;
        for (int row = 0; row < InputSize; row++)
        {
            // The outermost centres lie inside the image, so its edges are never crossed.
            float y = Scale * (row + 0.5f) - 0.5f;
            int top = (int)y;
            float lower = y - top;
            for (int column = 0; column < InputSize; column++)
            {
                float x = Scale * (column + 0.5f) - 0.5f;
                int left = (int)x;
                float right = x - left;
                ReadOnlySpan<byte> four = image[(top * IdxFile.ImageSize + left)..];
                reduced[row * InputSize + column] =
                    (1 - lower) * ((1 - right) * s_values[four[0]] + right * s_values[four[1]])
                    + lower * ((1 - right) * s_values[four[IdxFile.ImageSize]]
                        + right * s_values[four[IdxFile.ImageSize + 1]]);
            }
        }
    }
}
