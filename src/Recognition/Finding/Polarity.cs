namespace GpuConvnet.Recognition.Finding;

/// <summary>Whether ink is darker than its paper or lighter.</summary>
internal static class Polarity
{
    /// <summary>The picture's longer side while it is judged, at the most twice this.</summary>
    private const int Side = 96;

    /// <summary>
    /// Ink is the smaller part, so the differences from the mean of a window are skewed towards it; and what lies at the
    /// picture's edge is paper more often than not.
    /// </summary>
    /// <param name="shades">The picture.</param>
    /// <returns>Above 0 where ink is lighter; the further from 0, the surer. Beyond 0.4 it is as good as certain.</returns>
    public static double Evidence(Plane shades)
    {
        int factor = Math.Max(1, Math.Max(shades.Width, shades.Height) / Side);
        int width = Math.Max(1, shades.Width / factor);
        int height = Math.Max(1, shades.Height / factor);
        float[] small = new float[width * height];
        int across = Math.Min(factor, shades.Width);
        int down = Math.Min(factor, shades.Height);
        for (int y = 0; y < height * down; y++)
        {
            Span<float> sums = small.AsSpan(y / down * width, width);
            ReadOnlySpan<byte> row = shades.Levels.AsSpan(y * shades.Width, width * across);
            for (int x = 0; x < width; x++)
            {
                int sum = 0;
                foreach (byte level in row.Slice(x * across, across))
                {
                    sum += level;
                }

                sums[x] += sum;
            }
        }

        float[] means = new WindowSums(width, height, small).Means(Math.Max(3, Math.Max(width, height) / 6));
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
                double shade = small[y * width + x];
                double difference = shade - means[y * width + x];
                allShades += shade;
                squares += difference * difference;
                cubes += difference * difference * difference;
                if (x == 0 || y == 0 || x == width - 1 || y == height - 1)
                {
                    edge += difference;
                    edgeShades += shade;
                    edgePixels++;
                }
            }
        }

        double deviation = Math.Sqrt(squares / small.Length);
        if (deviation == 0)
        {
            return 0;
        }

        double skewness = cubes / small.Length / (deviation * deviation * deviation);
        double evidence = skewness - 0.5 * edge / edgePixels / deviation;

        // Where that says little, as of a bold 0 that fills its picture, the edge is compared with the whole picture.
        return Math.Abs(evidence) > 0.4 ? evidence
            : edgeShades / edgePixels < allShades / small.Length ? 0.1 : -0.1;
    }
}
