using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data.Pixels;

/// <summary>
/// What a set's bytes mean: MNIST's are 0 for paper to 255 for ink. Others are converted to that where it is plain what they are, and
/// refused where they are too dim to be bytes.
/// </summary>
/// <param name="IsTurned">Whether paper is white, and ink black.</param>
/// <param name="IsBinary">Whether there are no values but 0 and 1.</param>
internal readonly record struct ByteLevels(bool IsTurned, bool IsBinary)
{
    private const byte Bright = 192;

    /// <summary>The levels of a set of images.</summary>
    /// <param name="images">The images, all of them.</param>
    /// <param name="path">Where they came from, for messages.</param>
    /// <exception cref="BadInputException">The values are those of no known kind.</exception>
    public static ByteLevels Of(IdxImages images, string path)
    {
        ReadOnlySpan<byte> pixels = images.Pixels.Span;
        int most = pixels.IndexOfAnyInRange((byte)PixelRange.LeastBright, byte.MaxValue) >= 0
            ? byte.MaxValue
            : Greatest(pixels);
        if (most is > 1 and < byte.MaxValue)
        {
            throw new BadInputException(
                $"{path}: no pixel is above {most}, where images have bytes from 0 to 255. Multiply them by {byte.MaxValue / most}, and "
                + "save them again.");
        }

        bool isBinary = most == 1;
        return new ByteLevels(IsLight(images, isBinary ? (byte)1 : Bright), isBinary);
    }

    /// <summary>What is done to the pixels, for the user; null where nothing is.</summary>
    public string? Note => (IsTurned, IsBinary) switch
    {
        (false, false) => null,
        (true, false) => "its images are dark on white: turned round",
        (false, true) => "its pixels are 0 and 1: taken for 0 and 255",
        (true, true) => "its pixels are 0 and 1, dark on white: taken for 0 and 255, and turned round",
    };

    /// <summary>One image as MNIST has them.</summary>
    /// <param name="image">The image.</param>
    /// <param name="converted">Where to; as long.</param>
    public void Convert(ReadOnlySpan<byte> image, Span<byte> converted)
    {
        image.CopyTo(converted);
        foreach (ref byte pixel in converted)
        {
            byte level = IsBinary ? (byte)(pixel * byte.MaxValue) : pixel;
            pixel = IsTurned ? (byte)(byte.MaxValue - level) : level;
        }
    }

    /// <summary>Whether an image's paper is white: more than half of its edge is.</summary>
    /// <param name="image">(<paramref name="rows"/>, <paramref name="columns"/>).</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="bright">What is white.</param>
    public static (int Light, int All) Edge(ReadOnlySpan<byte> image, int rows, int columns, byte bright = Bright)
    {
        int light = 0;
        for (int row = 0; row < rows; row++)
        {
            int step = row == 0 || row == rows - 1 ? 1 : columns - 1;
            for (int column = 0; column < columns; column += step)
            {
                light += image[row * columns + column] >= bright ? 1 : 0;
            }
        }

        return (light, 2 * (rows + columns) - 4);
    }

    private static bool IsLight(IdxImages images, byte bright)
    {
        long light = 0;
        long all = 0;
        for (int index = 0; index < images.Count; index++)
        {
            (int lightHere, int allHere) = Edge(images.Image(index), images.Rows, images.Columns, bright);
            light += lightHere;
            all += allHere;
        }

        return 2 * light > all;
    }

    private static int Greatest(ReadOnlySpan<byte> pixels)
    {
        int greatest = 0;
        foreach (byte pixel in pixels)
        {
            greatest = Math.Max(greatest, pixel);
        }

        return greatest;
    }
}
