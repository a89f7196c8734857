namespace GpuConvnet.Recognition.Images;

/// <summary>A picture in shades of grey.</summary>
/// <param name="Width">Columns; at least 1.</param>
/// <param name="Height">Rows; at least 1.</param>
/// <param name="Pixels">(<paramref name="Height"/>, <paramref name="Width"/>), row-major, 0 black to 255 white.</param>
public sealed record GreyImage(int Width, int Height, byte[] Pixels)
{
    /// <summary>The same picture with more pixels, where there are more; else null.</summary>
    internal GreyImage? Detail { get; init; }

    /// <summary>How many pixels of the file, along a side, became one here.</summary>
    public double Reduction { get; init; } = 1;

    /// <summary>The picture as it is meant to be seen, where a camera noted how it was held.</summary>
    /// <param name="transposed">Whether rows become columns, before anything else.</param>
    /// <param name="mirroredAcross">Whether left and right change places.</param>
    /// <param name="mirroredDown">Whether top and bottom change places.</param>
    internal GreyImage Turned(bool transposed, bool mirroredAcross, bool mirroredDown)
    {
        if (!(transposed || mirroredAcross || mirroredDown))
        {
            return this;
        }

        (int width, int height) = transposed ? (Height, Width) : (Width, Height);
        byte[] turned = new byte[Pixels.Length];
        for (int y = 0; y < height; y++)
        {
            int down = mirroredDown ? height - 1 - y : y;
            for (int x = 0; x < width; x++)
            {
                int across = mirroredAcross ? width - 1 - x : x;
                turned[y * width + x] = transposed ? Pixels[across * Width + down] : Pixels[down * Width + across];
            }
        }

        return new GreyImage(width, height, turned)
        {
            Reduction = Reduction,
            Detail = Detail?.Turned(transposed, mirroredAcross, mirroredDown),
        };
    }

    /// <summary>A part of the picture.</summary>
    /// <param name="left">Its first column.</param>
    /// <param name="top">Its first row.</param>
    /// <param name="right">The column after its last.</param>
    /// <param name="bottom">The row after its last.</param>
    internal GreyImage Part(int left, int top, int right, int bottom)
    {
        byte[] part = new byte[(right - left) * (bottom - top)];
        for (int y = top; y < bottom; y++)
        {
            Pixels.AsSpan(y * Width + left, right - left).CopyTo(part.AsSpan((y - top) * (right - left)));
        }

        return new GreyImage(right - left, bottom - top, part) { Reduction = Reduction };
    }

    /// <summary>The picture with fewer pixels, each the mean of a square of them; it keeps these as its detail.</summary>
    /// <param name="factor">The square's side; 1 changes nothing.</param>
    internal GreyImage Reduced(int factor)
    {
        if (factor <= 1)
        {
            return this;
        }

        int columns = Math.Max(1, Width / factor);
        int rows = Math.Max(1, Height / factor);
        byte[] means = new byte[columns * rows];
        int[] sums = new int[columns];
        for (int y = 0; y < rows; y++)
        {
            Array.Clear(sums);
            int bottom = Math.Min(Height, (y + 1) * factor);
            for (int row = y * factor; row < bottom; row++)
            {
                ReadOnlySpan<byte> all = Pixels.AsSpan(row * Width, Width);
                for (int x = 0; x < columns; x++)
                {
                    foreach (byte shade in all[(x * factor)..Math.Min(Width, (x + 1) * factor)])
                    {
                        sums[x] += shade;
                    }
                }
            }

            for (int x = 0; x < columns; x++)
            {
                int count = (bottom - y * factor) * (Math.Min(Width, (x + 1) * factor) - x * factor);
                means[y * columns + x] = (byte)((sums[x] + count / 2) / count);
            }
        }

        return new GreyImage(columns, rows, means) { Reduction = Reduction * factor, Detail = this };
    }
}
