namespace GpuConvnet.Trainer.Setup.Data.Pixels;

/// <summary>
/// What the pixels of a set of images mean: between which numbers they lie, and which end of them is ink. Whoever prepared a file may
/// have had other habits than its makers; what is to be converted is told by the whole file, and by its images' edges, which are paper.
/// </summary>
/// <param name="Least">What one end is.</param>
/// <param name="Most">What the other end is.</param>
/// <param name="IsTurned">Whether ink is at the lower end.</param>
internal readonly record struct PixelRange(float Least, float Most, bool IsTurned)
{
    /// <summary>Bytes and their like are not taken for dim below this.</summary>
    public const float LeastBright = 64;

    private const float Bytes = 255;

    /// <summary>How the network reads pixels: -1 is paper, 1 is ink.</summary>
    public static PixelRange OfNetwork { get; } = new(-1, 1, IsTurned: false);

    /// <summary>The range of a file's pixels; null where it is none that is known.</summary>
    /// <param name="pixels">(count, side, side).</param>
    /// <param name="side">Rows and columns of each.</param>
    public static PixelRange? Of(ReadOnlySpan<float> pixels, int side)
    {
        (float least, float most) = (0, 0);
        foreach (float pixel in pixels)
        {
            least = Math.Min(least, pixel);
            most = Math.Max(most, pixel);
        }

        PixelRange range = least < 0 ? OfNetwork : most <= 1 ? new(0, 1, false) : new(0, Bytes, false);
        return least < range.Least || most > range.Most || (range.Most == Bytes && most < LeastBright)
            ? null
            : range with { IsTurned = IsBright(pixels, side, range.Most - (range.Most - range.Least) / 4) };
    }

    /// <summary>What is done to the pixels, for the user; null where nothing is.</summary>
    public string? Note => this == OfNetwork ? null
        : FormattableString.Invariant($"its pixels are {Least} to {Most}, {(IsTurned ? $"paper is {Most}" : $"ink is {Most}")}: ")
            + $"{(IsTurned ? "turned round and " : "")}converted to -1 (paper) to 1 (ink)";

    /// <summary>Converts pixels in place.</summary>
    public void Convert(Span<float> pixels)
    {
        if (this == OfNetwork)
        {
            return;
        }

        foreach (ref float pixel in pixels)
        {
            float converted = 2 * (pixel - Least) / (Most - Least) - 1;
            pixel = IsTurned ? -converted : converted;
        }
    }

    /// <summary>Whether more than half of what lies along the images' edges is as bright as a level, or brighter.</summary>
    private static bool IsBright(ReadOnlySpan<float> pixels, int side, float level)
    {
        long bright = 0;
        long all = 0;
        for (int index = 0; index < pixels.Length; index++)
        {
            int row = index / side % side;
            int column = index % side;
            if (row == 0 || row == side - 1 || column == 0 || column == side - 1)
            {
                all++;
                bright += pixels[index] >= level ? 1 : 0;
            }
        }

        return 2 * bright > all;
    }
}
