using System.Buffers;
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
        // Neighbours are mostly alike: by turns into four counts, none waits for the one before it.
        const int Turns = 4;
        int[] counts = new int[Turns * 256];
        int whole = Levels.Length - Levels.Length % Turns;
        for (int i = 0; i < whole; i += Turns)
        {
            counts[Levels[i]]++;
            counts[256 + Levels[i + 1]]++;
            counts[512 + Levels[i + 2]]++;
            counts[768 + Levels[i + 3]]++;
        }

        foreach (byte level in Levels.AsSpan(whole))
        {
            counts[level]++;
        }

        for (int level = 0; level < 256; level++)
        {
            counts[level] += counts[256 + level] + counts[512 + level] + counts[768 + level];
        }

        return counts[..256];
    }

    /// <summary>Light for dark.</summary>
    public Plane Inverted()
    {
        byte[] inverted = GC.AllocateUninitializedArray<byte>(Levels.Length);
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
        byte[] transposed = GC.AllocateUninitializedArray<byte>(Levels.Length);
        Transpose(Levels, Width, Height, transposed);
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
    public Plane Closed(int radius)
    {
        int beyond = 2 * radius * Math.Max(Width, Height);
        byte[] rows = ArrayPool<byte>.Shared.Rent(Levels.Length + beyond);
        byte[] one = ArrayPool<byte>.Shared.Rent(Levels.Length);
        byte[] other = ArrayPool<byte>.Shared.Rent(Levels.Length);
        byte[] closed = GC.AllocateUninitializedArray<byte>(Levels.Length);
        int all = Levels.Length;
        Extremes(Levels, Width, radius, isMost: true, rows, one.AsSpan(0, all));
        Transpose(one, Width, Height, other);
        Extremes(other.AsSpan(0, all), Height, radius, isMost: true, rows, one.AsSpan(0, all));
        Extremes(one.AsSpan(0, all), Height, radius, isMost: false, rows, other.AsSpan(0, all));
        Transpose(other, Height, Width, one);
        Extremes(one.AsSpan(0, all), Width, radius, isMost: false, rows, closed);
        ArrayPool<byte>.Shared.Return(other);
        ArrayPool<byte>.Shared.Return(one);
        ArrayPool<byte>.Shared.Return(rows);
        return this with { Levels = closed };
    }

    private static void Transpose(byte[] levels, int width, int height, byte[] transposed)
    {
        const int Block = 16;
        for (int top = 0; top < height; top += Block)
        {
            for (int left = 0; left < width; left += Block)
            {
                int bottom = Math.Min(height, top + Block);
                int right = Math.Min(width, left + Block);
                for (int y = top; y < bottom; y++)
                {
                    for (int x = left; x < right; x++)
                    {
                        transposed[x * height + y] = levels[y * width + x];
                    }
                }
            }
        }
    }

    private Plane MeansAlongRows(int radius)
    {
        byte[] means = GC.AllocateUninitializedArray<byte>(Levels.Length);

        // Multiplied by 2^20 / count, rounded up, and divided by 2^20: exact while sum times count is less than that.
        int[] inverses = [.. Enumerable.Range(0, 2 * radius + 2).Select(count => ((1 << 20) + count - 1) / Math.Max(1, count))];
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
                means[y * Width + x] = (byte)((long)(sum + count / 2) * inverses[count] >> 20);
                sum -= x - radius >= 0 ? row[x - radius] : 0;
            }
        }

        return this with { Levels = means };
    }

    /// <summary>
    /// The most or the least of each pixel and those above and below it, from windows of twice as many rows each time: a
    /// logarithm's worth of passes over whole rows.
    /// </summary>
    /// <param name="levels">Rows of levels.</param>
    /// <param name="width">A row's length.</param>
    /// <param name="radius">How many rows above and below.</param>
    /// <param name="isMost">Whether the most.</param>
    /// <param name="room">For the levels and twice the radius rows more; overwritten.</param>
    /// <param name="extremes">As many as levels.</param>
    private static void Extremes(
        ReadOnlySpan<byte> levels, int width, int radius, bool isMost, Span<byte> room, Span<byte> extremes)
    {
        int window = 2 * radius + 1;
        int beyond = radius * width;
        Span<byte> rows = room[..(levels.Length + 2 * beyond)];
        rows[..beyond].Fill(isMost ? byte.MinValue : byte.MaxValue);
        levels.CopyTo(rows[beyond..]);
        rows[^beyond..].Fill(isMost ? byte.MinValue : byte.MaxValue);
        int span = 1;
        for (; 2 * span <= window; span *= 2)
        {
            int count = rows.Length - span * width;
            Combine(rows[..count], rows.Slice(span * width, count), rows[..count], isMost);
        }

        Combine(rows[..extremes.Length], rows.Slice((window - span) * width, extremes.Length), extremes, isMost);
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
