using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Recognition;

/// <summary>An image as MNIST has it, and its reduction to what the network reads.</summary>
internal static class MnistImage
{
    /// <summary>How many pixels a side.</summary>
    public const int Size = 28;

    /// <summary>Pixel/127.5 - 1 of each of the 256 pixels: a table, as every pixel is asked for about three times.</summary>
    private static readonly float[] s_values =
        [.. Enumerable.Range(byte.MinValue, byte.MaxValue + 1).Select(pixel => pixel / 127.5f - 1f)];

    /// <summary>
    /// Pixel/127.5 - 1, then bilinear as <c>torch.nn.functional.interpolate</c> does without antialiasing: half-pixel
    /// centres, in float32.
    /// </summary>
    /// <param name="image">(28, 28), 0 to 255.</param>
    /// <param name="reduced">(16, 16), -1 to 1.</param>
    public static void Reduce(ReadOnlySpan<byte> image, Span<float> reduced)
    {
        const float Scale = (float)Size / InputSize;
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
                ReadOnlySpan<byte> four = image[(top * Size + left)..];
                reduced[row * InputSize + column] =
                    (1 - lower) * ((1 - right) * s_values[four[0]] + right * s_values[four[1]])
                    + lower * ((1 - right) * s_values[four[Size]]
                        + right * s_values[four[Size + 1]]);
            }
        }
    }
}
