namespace GpuConvnet.Recognition;

/// <summary>
/// How much each pixel stands out from the paper around it, whichever of the two is the darker. The paper's shade is
/// estimated pixel by pixel, so that a shadow or the light of a lamp across it does not matter.
/// </summary>
internal sealed class InkMap
{
    /// <summary>A difference in grey that is seen as ink, at the least.</summary>
    private const float LeastContrast = 8;

    /// <summary>How many times paper and ink are told apart, each time by the paper that the last time found.</summary>
    private const int Rounds = 2;

    /// <summary>How skewed, in standard deviations, the differences must be to say which of the two is the ink.</summary>
    private const double LeastEvidence = 0.4;

    /// <summary>What part of a window must be paper for its mean to be believed.</summary>
    private const double LeastPaper = 0.1;

    private InkMap(int width, int height, float[] levels, float threshold, float noise) =>
        (Width, Height, Levels, Threshold, Noise) = (width, height, levels, threshold, noise);

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>(height, width): how far each pixel is from the paper, in levels of grey; paper is about 0.</summary>
    public float[] Levels { get; }

    /// <summary>What is above it is ink.</summary>
    public float Threshold { get; }

    /// <summary>The standard deviation of the paper.</summary>
    public float Noise { get; }

    /// <summary>Looks for the ink of a picture.</summary>
    /// <param name="image">The picture.</param>
    public static InkMap Of(GreyImage image)
    {
        (int width, int height) = (image.Width, image.Height);
        int longest = Math.Max(width, height);
        float[] shades = Smoothed(image, longest);

        // The first guess at the paper is the mean of a window that is wider than any stroke.
        float[] paper = new WindowSums(width, height, shades).Means(Math.Max(3, longest / 6));
        bool isInkLighter = IsInkLighter(shades, paper, width, height, out float? edge);
        if (edge is { } shade)
        {
            Array.Fill(paper, shade);
        }

        if (isInkLighter)
        {
            for (int i = 0; i < shades.Length; i++)
            {
                (shades[i], paper[i]) = (255 - shades[i], 255 - paper[i]);
            }
        }

        float[] levels = Difference(paper, shades);
        (float threshold, float noise) = Part(levels);
        for (int round = 0; round < Rounds; round++)
        {
            paper = PaperOnly(shades, levels, threshold, width, height, Math.Max(3, longest / 8));
            levels = Difference(paper, shades);
            (threshold, noise) = Part(levels);
        }

        return new InkMap(width, height, levels, threshold, noise);
    }

    /// <summary>The shades; of a grainy picture that has pixels to spare, means of a few.</summary>
    private static float[] Smoothed(GreyImage image, int longest)
    {
        LevelCounts steps = new();
        LevelCounts shades = new();
        float[] values = new float[image.Pixels.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = image.Pixels[i];
            shades.Add(values[i]);
            if (i % image.Width > 0)
            {
                steps.Add(Math.Abs(values[i] - values[i - 1]));
            }
        }

        // The median of |a - b| is 0.954 standard deviations of normal a and b.
        double noise = steps.Quantile(0.5) / 0.954;
        double contrast = shades.Quantile(0.995) - shades.Quantile(0.005);
        int radius = Math.Min(longest / 100, (int)Math.Ceiling((12 * noise / Math.Max(1, contrast) - 1) / 2));
        return radius > 0 ? new WindowSums(image.Width, image.Height, values).Means(radius) : values;
    }

    /// <summary>
    /// Ink is the smaller part, so the differences from the window's mean are skewed towards it; and what lies at the
    /// picture's edge is paper more often than not. Where neither says much, as in a bold 0 that fills its picture, the
    /// edge is compared with the whole picture, which an uneven light would disturb elsewhere; and as the strokes are wider
    /// than the windows then, the edge's shade is the better guess at the paper.
    /// </summary>
    private static bool IsInkLighter(float[] shades, float[] means, int width, int height, out float? paper)
    {
        paper = null;
        double squares = 0;
        double cubes = 0;
        double edge = 0;
        double edgeShades = 0;
        double allShades = 0;
        int edgePixels = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double difference = shades[y * width + x] - means[y * width + x];
                allShades += shades[y * width + x];
                squares += difference * difference;
                cubes += difference * difference * difference;
                if (x == 0 || y == 0 || x == width - 1 || y == height - 1)
                {
                    edge += difference;
                    edgeShades += shades[y * width + x];
                    edgePixels++;
                }
            }
        }

        double deviation = Math.Sqrt(squares / shades.Length);
        if (deviation == 0)
        {
            return false;
        }

        double skewness = cubes / shades.Length / (deviation * deviation * deviation);
        double evidence = skewness - 0.5 * edge / edgePixels / deviation;
        if (Math.Abs(evidence) > LeastEvidence)
        {
            return evidence > 0;
        }

        paper = (float)(edgeShades / edgePixels);
        return paper < allShades / shades.Length;
    }

    /// <summary>The mean of the paper around each pixel, leaving out the ink, over as wide a window as that takes.</summary>
    private static float[] PaperOnly(float[] shades, float[] levels, float threshold, int width, int height, int radius)
    {
        // Half the threshold: the soft edges of strokes are not paper either.
        float[] isPaper = new float[shades.Length];
        float[] paper = new float[shades.Length];
        for (int i = 0; i < shades.Length; i++)
        {
            isPaper[i] = levels[i] < threshold / 2 ? 1 : 0;
            paper[i] = isPaper[i] * shades[i];
        }

        WindowSums counts = new(width, height, isPaper);
        WindowSums sums = new(width, height, paper);
        int widest = Math.Max(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int reach = radius;
                double count = counts.Around(x, y, reach, out int all);
                while (count < LeastPaper * all && reach < widest)
                {
                    reach *= 2;
                    count = counts.Around(x, y, reach, out all);
                }

                paper[y * width + x] = count > 0 ? (float)(sums.Around(x, y, reach, out _) / count) : shades[y * width + x];
            }
        }

        return paper;
    }

    private static float[] Difference(float[] paper, float[] shades)
    {
        float[] levels = new float[shades.Length];
        for (int i = 0; i < levels.Length; i++)
        {
            levels[i] = paper[i] - shades[i];
        }

        return levels;
    }

    /// <summary>From where on a level is ink, and how much the paper varies.</summary>
    private static (float Threshold, float Noise) Part(float[] levels)
    {
        LevelCounts all = new();
        foreach (float level in levels)
        {
            all.Add(level);
        }

        // Most of a picture is paper, and half of that lies below its median, where there is no ink to disturb. Of a bold
        // digit that fills its picture that is not so: there, what Otsu's level parts off is paper. Where it parts but the
        // noise, half a normal distribution is left, whose deviations are smaller by this.
        const float OfHalf = 1.7f;
        float otsu = all.Otsu();
        float noise = Math.Min(DeviationBelow(levels, all.Quantile(0.5)), OfHalf * DeviationBelow(levels, otsu, around: true));
        return (Math.Max(Math.Max(LeastContrast, otsu / 2), Math.Max(3 * noise, Math.Min(4 * noise, otsu))), noise);
    }

    /// <summary>
    /// The standard deviation of the levels up to a limit, from the median of their distances: to the limit, as of one half
    /// of a normal distribution; or to their own median.
    /// </summary>
    private static float DeviationBelow(float[] levels, float limit, bool around = false)
    {
        LevelCounts below = new();
        LevelCounts distances = new();
        foreach (float level in levels)
        {
            if (level <= limit)
            {
                below.Add(level);
            }
        }

        float middle = around ? below.Quantile(0.5) : limit;
        foreach (float level in levels)
        {
            if (level <= limit)
            {
                distances.Add(Math.Abs(level - middle));
            }
        }

        return distances.Quantile(0.5) / 0.6745f;
    }
}
