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

    /// <summary>Pixels of the network's range reach this at least, in a whole file.</summary>
    private const float LeastFull = 0.9f;

    /// <summary>Of fewer images nothing is told that speaks against what their numbers say.</summary>
    private const int FewImages = 20;

    /// <summary>How the network reads pixels: -1 is paper, 1 is ink.</summary>
    public static PixelRange OfNetwork { get; } = new(-1, 1, IsTurned: false);

    /// <summary>The range of a file's pixels.</summary>
    /// <param name="pixels">(count, side, side).</param>
    /// <param name="side">Rows and columns of each.</param>
    /// <param name="fault">
    /// What is wrong with the file as a whole, after its name; null where nothing is, or where single pixels are out of every range.
    /// </param>
    /// <returns>The range; null where it is none that is known.</returns>
    public static PixelRange? Of(ReadOnlySpan<float> pixels, int side, out string? fault)
    {
        fault = null;
        (float least, float most) = (0, 0);
        foreach (float pixel in pixels)
        {
            least = Math.Min(least, pixel);
            most = Math.Max(most, pixel);
        }

        PixelRange range = least < 0 ? OfNetwork : most <= 1 ? new(0, 1, false) : new(0, Bytes, false);
        if (least < range.Least || most > range.Most || (range.Most == Bytes && most < LeastBright))
        {
            return null;
        }

        float peak = Math.Max(-least, most);
        bool isMany = pixels.Length >= FewImages * side * side;
        if (isMany && range == OfNetwork && peak < LeastFull)
        {
            if (Math.Min(-least, most) < LeastFull * peak)
            {
                fault = FormattableString.Invariant($"its pixels are {least} to {most}, which is no range that is known");
                return null;
            }

            // Halved, say, by who wanted them around zero.
            range = new PixelRange(-peak, peak, false);
        }

        float quarter = (range.Most - range.Least) / 4;
        (double dark, double light) = Edges(pixels, side, range.Least + quarter, range.Most - quarter);
        if (isMany && dark <= 0.5 && light <= 0.5)
        {
            fault = FormattableString.Invariant($"its images lie on grey: along their edges {dark:P0} of the pixels are near {range.Least} and ")
                + FormattableString.Invariant($"{light:P0} near {range.Most}, where paper is one of the two");
            return null;
        }

        return range with { IsTurned = light > 0.5 };
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

    /// <summary>How much of what lies along the images' edges is as dark as a level, and as light as another.</summary>
    private static (double Dark, double Light) Edges(ReadOnlySpan<float> pixels, int side, float low, float high)
    {
        long dark = 0;
        long light = 0;
        long all = 0;
        for (int index = 0; index < pixels.Length; index++)
        {
            int row = index / side % side;
            int column = index % side;
            if (row == 0 || row == side - 1 || column == 0 || column == side - 1)
            {
                all++;
                dark += pixels[index] <= low ? 1 : 0;
                light += pixels[index] >= high ? 1 : 0;
            }
        }

        return ((double)dark / all, (double)light / all);
    }
}
