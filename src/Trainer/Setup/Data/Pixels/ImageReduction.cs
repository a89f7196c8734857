using GpuConvnet.Recognition;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Setup.Data.Pixels;

/// <summary>
/// From an image of any size to the 16x16 that the network reads. 16x16 stays as it is; up to twice that, MNIST's 28x28 among
/// it, is reduced as the article reduces, bilinearly; larger images, of which that would pass over pixels, become 28x28 first,
/// each pixel the mean of what it covers. What is not square gets margins of paper.
/// </summary>
internal static class ImageReduction
{
    /// <summary>Reduces an image.</summary>
    /// <param name="image">(<paramref name="rows"/>, <paramref name="columns"/>), 0 paper to 255 ink.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="reduced">(16, 16), -1 to 1.</param>
    public static void Reduce(ReadOnlySpan<byte> image, int rows, int columns, Span<float> reduced)
    {
        int side = Math.Max(rows, columns);
        if (rows != columns)
        {
            image = Squared(image, rows, columns, side);
        }

        if (side > 2 * InputSize)
        {
            image = Averaged(image, side);
            side = MnistImage.Size;
        }

        if (side == MnistImage.Size)
        {
            MnistImage.Reduce(image, reduced);
        }
        else
        {
            Interpolate(image, side, reduced);
        }
    }

    private static byte[] Squared(ReadOnlySpan<byte> image, int rows, int columns, int side)
    {
        byte[] square = new byte[side * side];
        int top = (side - rows) / 2;
        int left = (side - columns) / 2;
        for (int row = 0; row < rows; row++)
        {
            image.Slice(row * columns, columns).CopyTo(square.AsSpan((top + row) * side + left));
        }

        return square;
    }

    /// <summary>To 28x28: each pixel the mean of the square that it covers, parts of pixels counted as parts.</summary>
    private static byte[] Averaged(ReadOnlySpan<byte> image, int side)
    {
        const int Size = MnistImage.Size;
        double width = (double)side / Size;
        double[] across = new double[side * Size];
        for (int row = 0; row < side; row++)
        {
            for (int column = 0; column < Size; column++)
            {
                double sum = 0;
                foreach ((int at, double weight) in Covered(column, width, side))
                {
                    sum += weight * image[row * side + at];
                }

                across[row * Size + column] = sum;
            }
        }

        byte[] averaged = new byte[Size * Size];
        for (int row = 0; row < Size; row++)
        {
            (int At, double Weight)[] covered = [.. Covered(row, width, side)];
            for (int column = 0; column < Size; column++)
            {
                double sum = 0;
                foreach ((int at, double weight) in covered)
                {
                    sum += weight * across[at * Size + column];
                }

                averaged[row * Size + column] = (byte)Math.Clamp(sum / (width * width) + 0.5, 0, byte.MaxValue);
            }
        }

        return averaged;
    }

    /// <summary>Which pixels a wider one covers, and how much of each.</summary>
    private static IEnumerable<(int At, double Weight)> Covered(int index, double width, int side)
    {
        double begin = index * width;
        double end = Math.Min(begin + width, side);
        for (int at = (int)begin; at < end; at++)
        {
            yield return (at, Math.Min(end, at + 1) - Math.Max(begin, at));
        }
    }

    /// <summary><see cref="MnistImage.Reduce"/> for any size: bilinear, half-pixel centres, no antialiasing, in float32.</summary>
    private static void Interpolate(ReadOnlySpan<byte> image, int side, Span<float> reduced)
    {
        float scale = (float)side / InputSize;
        for (int row = 0; row < InputSize; row++)
        {
            (int top, int bottom, float lower) = Neighbours(row, scale, side);
            for (int column = 0; column < InputSize; column++)
            {
                (int left, int right, float righter) = Neighbours(column, scale, side);
                reduced[row * InputSize + column] =
                    (1 - lower) * ((1 - righter) * Value(image[top * side + left]) + righter * Value(image[top * side + right]))
                    + lower * ((1 - righter) * Value(image[bottom * side + left]) + righter * Value(image[bottom * side + right]));
            }
        }
    }

    private static (int Before, int After, float Share) Neighbours(int index, float scale, int side)
    {
        float at = Math.Max(0, scale * (index + 0.5f) - 0.5f);
        int before = Math.Min((int)at, side - 1);
        return (before, Math.Min(before + 1, side - 1), at - before);
    }

    private static float Value(byte pixel) => pixel / 127.5f - 1f;
}
