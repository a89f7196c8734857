namespace GpuConvnet.Recognition;

/// <summary>A picture in shades of grey.</summary>
/// <param name="Width">Columns; at least 1.</param>
/// <param name="Height">Rows; at least 1.</param>
/// <param name="Pixels">(<paramref name="Height"/>, <paramref name="Width"/>), row-major, 0 black to 255 white.</param>
public sealed record GreyImage(int Width, int Height, byte[] Pixels)
{
    /// <summary>The picture as it is meant to be seen, where a camera noted how it was held.</summary>
    /// <param name="transposed">Whether rows become columns, before anything else.</param>
    /// <param name="mirroredAcross">Whether left and right change places.</param>
    /// <param name="mirroredDown">Whether top and bottom change places.</param>
    public GreyImage Turned(bool transposed, bool mirroredAcross, bool mirroredDown)
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

        return new GreyImage(width, height, turned);
    }
}
