using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data.Pixels;

/// <summary>
/// What a set's bytes mean: MNIST's are 0 for paper to 255 for ink. Others are converted to that where it is plain what they are, and
/// refused where they cannot be bytes, show nothing, or are half of one kind and half of the other. What is paper is told by the
/// images' edges.
/// </summary>
/// <param name="Paper">The level that is paper.</param>
/// <param name="Ink">The level that is ink.</param>
/// <param name="Note">What is done to the pixels, or doubtful about them, for the user; null for nothing.</param>
internal readonly record struct ByteLevels(int Paper, int Ink, string? Note)
{
    private const byte Bright = 192;

    /// <summary>Paper this near to black or white is what it is.</summary>
    private const int AlmostEnd = 16;

    /// <summary>Ink that is nearer to the paper is no ink.</summary>
    private const int LeastContrast = 32;

    /// <summary>With more of the images than this the other way round than most, a set is neither.</summary>
    private const double MostOdd = 0.2;

    /// <summary>With more than this, that is said.</summary>
    private const double FewOdd = 0.01;

    /// <summary>The levels of a set of images.</summary>
    /// <param name="images">The images, all of them.</param>
    /// <param name="path">Where they came from, for messages.</param>
    /// <exception cref="BadInputException">The values are those of no known kind.</exception>
    public static ByteLevels Of(IdxImages images, string path)
    {
        ReadOnlySpan<byte> pixels = images.Pixels.Span;
        if (!pixels.IsEmpty && pixels.IndexOfAnyExcept(pixels[0]) < 0)
        {
            throw new BadInputException($"{path}: all pixels of all {images.Count:N0} images are {pixels[0]}. There is nothing in them to learn.");
        }

        int most = pixels.IndexOfAnyInRange((byte)PixelRange.LeastBright, byte.MaxValue) >= 0
            ? byte.MaxValue
            : Extremes(pixels).Most;
        if (most is > 1 and < byte.MaxValue)
        {
            throw new BadInputException(
                $"{path}: no pixel is above {most}, where images have bytes from 0 to 255. Multiply them by {byte.MaxValue / most}, and "
                + "save them again.");
        }

        return most == 1 ? OfBinary(images, path) : OfGrey(images, path);
    }

    /// <summary>One image as MNIST has them.</summary>
    /// <param name="image">The image.</param>
    /// <param name="converted">Where to; as long.</param>
    public void Convert(ReadOnlySpan<byte> image, Span<byte> converted)
    {
        Span<byte> levels = stackalloc byte[byte.MaxValue + 1];
        for (int level = 0; level < levels.Length; level++)
        {
            double ink = (double)(level - Paper) * byte.MaxValue / (Ink - Paper);
            levels[level] = (byte)Math.Clamp(Math.Round(ink), 0, byte.MaxValue);
        }

        for (int index = 0; index < image.Length; index++)
        {
            converted[index] = levels[image[index]];
        }
    }

    private static ByteLevels OfBinary(IdxImages images, string path)
    {
        EdgeLevels edges = EdgeLevels.Of(images, bright: 1);
        string? odd = OddNote(edges, images.Count, path);
        return edges.IsLight
            ? new ByteLevels(1, 0, Joined("its pixels are 0 and 1, dark on white: taken for 0 and 255, and turned round", odd))
            : new ByteLevels(0, 1, Joined("its pixels are 0 and 1: taken for 0 and 255", odd));
    }

    private static ByteLevels OfGrey(IdxImages images, string path)
    {
        EdgeLevels edges = EdgeLevels.Of(images, Bright);
        string? odd = OddNote(edges, images.Count, path);
        int paper = edges.Median;
        return paper <= AlmostEnd ? new ByteLevels(0, byte.MaxValue, odd)
            : paper >= byte.MaxValue - AlmostEnd
                ? new ByteLevels(byte.MaxValue, 0, Joined("its images are dark on white: turned round", odd))
            : edges.ShareWithin(AlmostEnd, of: paper) >= 0.5 ? OnGreyPaper(images.Pixels.Span, paper, odd, path)
            : edges.IsLight ? new ByteLevels(byte.MaxValue, 0, Joined("its images are dark on white: turned round", odd))
            : new ByteLevels(0, byte.MaxValue, Joined(
                $"its images have no plain paper around what they show (half of what lies along their edges is above {paper}): taken as they "
                + "are, 0 for paper and 255 for ink",
                odd));
    }

    /// <summary>Paper that is grey: it becomes 0, and what is farthest from it 255.</summary>
    private static ByteLevels OnGreyPaper(ReadOnlySpan<byte> pixels, int paper, string? odd, string path)
    {
        (int least, int most) = Extremes(pixels);
        long above = 0;
        long below = 0;
        foreach (byte pixel in pixels)
        {
            above += Math.Max(0, pixel - paper - AlmostEnd);
            below += Math.Max(0, paper - AlmostEnd - pixel);
        }

        int ink = above >= below ? most : least;
        if (Math.Abs(ink - paper) < LeastContrast)
        {
            throw new BadInputException(
                $"{path}: its paper is grey ({paper}), and no pixel is farther from that than {Math.Abs(ink - paper)}, where images go from 0 for "
                + "paper to 255 for ink. Stretch them, and save them again.");
        }

        return new ByteLevels(paper, ink, Joined(
            $"its paper is grey ({paper}), its ink {(ink > paper ? "lighter" : "darker")} (to {ink}): taken for 0 and 255", odd));
    }

    /// <summary>Refuses a set of both kinds; says it of one that has a few of the other.</summary>
    private static string? OddNote(EdgeLevels edges, int count, string path)
    {
        int odd = Math.Min(edges.LightImages, count - edges.LightImages);
        string found = FormattableString.Invariant($"{odd:N0} of {count:N0} images are {(edges.LightImages == odd ? "dark on white" : "white on black")}, ")
            + $"the others {(edges.LightImages == odd ? "white on black" : "dark on white")}";
        return odd > MostOdd * count
            ? throw new BadInputException($"{path}: {found}, by their edges. Turn them all one way, and save them again.")
            : odd > FewOdd * count ? $"{found}, by their edges: all taken for the latter" : null;
    }

    private static string? Joined(string? first, string? second) =>
        first is null ? second : second is null ? first : $"{first}; {second}";

    private static (int Least, int Most) Extremes(ReadOnlySpan<byte> pixels)
    {
        (int least, int most) = (byte.MaxValue, 0);
        foreach (byte pixel in pixels)
        {
            least = Math.Min(least, pixel);
            most = Math.Max(most, pixel);
        }

        return (least, most);
    }
}
