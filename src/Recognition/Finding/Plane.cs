using System.Numerics;
using System.Runtime.InteropServices;

namespace GpuConvnet.Recognition.Finding;

/// <summary>Levels of grey, (height, width), and what is done with all of them at once, in vectors of bytes.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Levels">(<paramref name="Height"/>, <paramref name="Width"/>).</param>
internal readonly record struct Plane(int Width, int Height, byte[] Levels)
{
    /// <summary>How many pixels there are of each level.</summary>
    public int[] Histogram()
    {
        int[] counts = new int[256];
        foreach (byte level in Levels)
        {
            counts[level]++;
        }

        return counts;
    }

    /// <summary>Light for dark.</summary>
    public Plane Inverted()
    {
        byte[] inverted = new byte[Levels.Length];
        for (int i = 0; i < inverted.Length; i++)
        {
            inverted[i] = (byte)~Levels[i];
        }

        return this with { Levels = inverted };
    }

    /// <summary>The means of squares.</summary>
    /// <param name="factor">A square's side; what is left over at the right and at the bottom is left out.</param>
    public Plane Reduced(int factor)
    {
        int width = Width / factor;
        int height = Height / factor;
        byte[] means = new byte[width * height];
        int[] sums = new int[width];
        for (int y = 0; y < height; y++)
        {
            Array.Clear(sums);
            for (int row = y * factor; row < (y + 1) * factor; row++)
            {
                ReadOnlySpan<byte> levels = Levels.AsSpan(row * Width, width * factor);
                for (int x = 0; x < width; x++)
                {
                    int sum = 0;
                    foreach (byte level in levels.Slice(x * factor, factor))
                    {
                        sum += level;
                    }

                    sums[x] += sum;
                }
            }

            for (int x = 0; x < width; x++)
            {
                means[y * width + x] = (byte)(sums[x] / (factor * factor));
            }
        }

        return new Plane(width, height, means);
    }

    /// <summary>Rows for columns.</summary>
    public Plane Transposed()
    {
        const int Block = 16;
        byte[] transposed = new byte[Levels.Length];
        for (int top = 0; top < Height; top += Block)
        {
            for (int left = 0; left < Width; left += Block)
            {
                int bottom = Math.Min(Height, top + Block);
                int right = Math.Min(Width, left + Block);
                for (int y = top; y < bottom; y++)
                {
                    for (int x = left; x < right; x++)
                    {
                        transposed[x * Height + y] = Levels[y * Width + x];
                    }
                }
            }
        }

        return new Plane(Height, Width, transposed);
    }

    /// <summary>The means of squares around every pixel, as much of them as lies within.</summary>
    /// <param name="radius">How far a square reaches to each side.</param>
    public Plane Blurred(int radius) => MeansAlongRows(radius).Transposed().MeansAlongRows(radius).Transposed();

    /// <summary>
    /// What is left when everything darker that is narrower than a square is filled up (a closing): the paper without the ink.
    /// An edge of the light or of the paper stays where it is, as sharp as it is, which means and medians do not give.
    /// </summary>
    /// <param name="radius">How far the square reaches to each side.</param>
    public Plane Closed(int radius) =>
        Extreme(radius, isMost: true).Transposed().Extreme(radius, isMost: true).Extreme(radius, isMost: false)
            .Transposed().Extreme(radius, isMost: false);

    private Plane MeansAlongRows(int radius)
    {
        byte[] means = new byte[Levels.Length];
        for (int y = 0; y < Height; y++)
        {
            ReadOnlySpan<byte> row = Levels.AsSpan(y * Width, Width);
            int sum = 0;
            for (int x = 0; x < Math.Min(radius, Width); x++)
            {
                sum += row[x];
            }

            for (int x = 0; x < Width; x++)
            {
                sum += x + radius < Width ? row[x + radius] : 0;
                int count = Math.Min(Width - 1, x + radius) - Math.Max(0, x - radius) + 1;
                means[y * Width + x] = (byte)((sum + count / 2) / count);
                sum -= x - radius >= 0 ? row[x - radius] : 0;
            }
        }

        return this with { Levels = means };
    }

    /// <summary>
    /// The most or the least of each pixel and those above and below it, from windows of twice as many rows each time: a
    /// logarithm's worth of passes over whole rows.
    /// </summary>
    private Plane Extreme(int radius, bool isMost)
    {
        int window = 2 * radius + 1;
        byte[] rows = new byte[(Height + 2 * radius) * Width];
        if (!isMost)
        {
            Array.Fill(rows, byte.MaxValue);
        }

        Levels.CopyTo(rows, radius * Width);
        int span = 1;
        for (; 2 * span <= window; span *= 2)
        {
            Span<byte> all = rows;
            int count = rows.Length - span * Width;
            Combine(all[..count], all.Slice(span * Width, count), all[..count], isMost);
        }

        byte[] extremes = new byte[Levels.Length];
        Combine(
            rows.AsSpan(0, extremes.Length), rows.AsSpan((window - span) * Width, extremes.Length), extremes, isMost);
        return this with { Levels = extremes };
    }

    /// <summary>Element by element; the result may be the first of the two.</summary>
    private static void Combine(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> into, bool isMost)
    {
        int whole = a.Length - a.Length % Vector<byte>.Count;
        ReadOnlySpan<Vector<byte>> wideA = MemoryMarshal.Cast<byte, Vector<byte>>(a[..whole]);
        ReadOnlySpan<Vector<byte>> wideB = MemoryMarshal.Cast<byte, Vector<byte>>(b[..whole]);
        Span<Vector<byte>> wide = MemoryMarshal.Cast<byte, Vector<byte>>(into[..whole]);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = isMost ? Vector.Max(wideA[i], wideB[i]) : Vector.Min(wideA[i], wideB[i]);
        }

        for (int i = whole; i < a.Length; i++)
        {
            into[i] = isMost ? Math.Max(a[i], b[i]) : Math.Min(a[i], b[i]);
        }
    }
}
