namespace GpuConvnet.Recognition.Finding;

/// <summary>What is asked of 256 counts of levels.</summary>
internal static class Histograms
{
    /// <summary>The level below which a share of the values lies; 0 where there is none.</summary>
    /// <param name="counts">How many values there are of each level.</param>
    /// <param name="share">From 0 to 1.</param>
    /// <param name="end">Levels from here on do not count.</param>
    public static int Quantile(ReadOnlySpan<int> counts, double share, int end = 256)
    {
        long total = 0;
        for (int level = 0; level < end; level++)
        {
            total += counts[level];
        }

        long below = 0;
        for (int level = 0; level < end; level++)
        {
            below += counts[level];
            if (below > share * (total - 1))
            {
                return total == 0 ? 0 : level;
            }
        }

        return 0;
    }

    /// <summary>
    /// The level that parts the values best into two groups, each close to its own mean (Otsu, 1979); where no value lies
    /// between the groups, the middle of that.
    /// </summary>
    /// <param name="counts">How many values there are of each level.</param>
    public static double Otsu(ReadOnlySpan<int> counts)
    {
        double total = 0;
        double sum = 0;
        for (int level = 0; level < 256; level++)
        {
            total += counts[level];
            sum += (double)level * counts[level];
        }

        double lowCount = 0;
        double lowSum = 0;
        double best = 0;
        int first = 0;
        int last = 0;
        for (int level = 0; level < 255; level++)
        {
            lowCount += counts[level];
            lowSum += (double)level * counts[level];
            double highCount = total - lowCount;
            if (lowCount == 0 || highCount == 0)
            {
                continue;
            }

            double apart = lowSum / lowCount - (sum - lowSum) / highCount;
            double between = lowCount * highCount * apart * apart;
            if (between > best)
            {
                (best, first) = (between, level);
            }

            if (between == best)
            {
                last = level;
            }
        }

        return (first + last) / 2.0 + 0.5;
    }
}
