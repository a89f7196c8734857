namespace GpuConvnet.Recognition;

/// <summary>How often each level occurs among values from -255 to 255, in steps of one.</summary>
internal sealed class LevelCounts
{
    private const int Offset = 255;
    private readonly int[] _counts = new int[2 * Offset + 1];
    private int _total;

    /// <summary>Counts a value.</summary>
    /// <param name="value">From -255 to 255; what lies beyond counts as the nearest of these.</param>
    public void Add(float value)
    {
        _counts[Math.Clamp((int)MathF.Round(value), -Offset, Offset) + Offset]++;
        _total++;
    }

    /// <summary>The level below which a share of the values lies; 0 where there is no value.</summary>
    /// <param name="share">From 0 to 1.</param>
    public int Quantile(double share)
    {
        long below = 0;
        for (int level = -Offset; level <= Offset; level++)
        {
            below += _counts[level + Offset];
            if (below > share * (_total - 1))
            {
                return _total == 0 ? 0 : level;
            }
        }

        return 0;
    }

    /// <summary>The level that parts the values best into two groups, each close to its own mean (Otsu, 1979).</summary>
    public float Otsu()
    {
        double sum = 0;
        for (int level = -Offset; level <= Offset; level++)
        {
            sum += (double)level * _counts[level + Offset];
        }

        double lowCount = 0;
        double lowSum = 0;
        double best = 0;
        int first = 0;
        int last = 0;
        for (int level = -Offset; level < Offset; level++)
        {
            lowCount += _counts[level + Offset];
            lowSum += (double)level * _counts[level + Offset];
            double highCount = _total - lowCount;
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

            // Where no value lies between the groups, every level there is as good: the middle is meant.
            if (between == best)
            {
                last = level;
            }
        }

        return (first + last) / 2f + 0.5f;
    }
}
