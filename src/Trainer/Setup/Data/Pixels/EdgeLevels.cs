using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data.Pixels;

/// <summary>What lies along the edges of a set's images, which is paper as a rule.</summary>
internal sealed class EdgeLevels
{
    private readonly long[] _counts = new long[byte.MaxValue + 1];
    private long _light;
    private long _all;

    private EdgeLevels()
    {
    }

    /// <summary>Of how many images most of the edge is light.</summary>
    public int LightImages { get; private set; }

    /// <summary>Whether most of all edges is light.</summary>
    public bool IsLight => 2 * _light > _all;

    /// <summary>The level that half of it is below or at.</summary>
    public int Median
    {
        get
        {
            long sum = 0;
            int level = -1;
            while (2 * sum < _all)
            {
                sum += _counts[++level];
            }

            return Math.Max(0, level);
        }
    }

    /// <summary>Looks at all images.</summary>
    /// <param name="images">The images.</param>
    /// <param name="bright">What is light.</param>
    public static EdgeLevels Of(IdxImages images, byte bright)
    {
        EdgeLevels levels = new();
        for (int index = 0; index < images.Count; index++)
        {
            levels.Add(images.Image(index), images.Rows, images.Columns, bright);
        }

        return levels;
    }

    /// <summary>How much of it is near a level.</summary>
    public double ShareWithin(int distance, int of) =>
        (double)_counts[Math.Max(0, of - distance)..Math.Min(_counts.Length, of + distance + 1)].Sum() / _all;

    private void Add(ReadOnlySpan<byte> image, int rows, int columns, byte bright)
    {
        int light = 0;
        int all = 2 * (rows + columns) - 4;
        for (int row = 0; row < rows; row++)
        {
            int step = row == 0 || row == rows - 1 ? 1 : columns - 1;
            for (int column = 0; column < columns; column += step)
            {
                byte level = image[row * columns + column];
                _counts[level]++;
                light += level >= bright ? 1 : 0;
            }
        }

        _light += light;
        _all += all;
        LightImages += 2 * light > all ? 1 : 0;
    }
}
