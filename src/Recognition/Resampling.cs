namespace GpuConvnet.Recognition;

/// <summary>Enlarges and reduces by areas: a pixel of the result is the mean of what it covers, however little or much.</summary>
internal static class Resampling
{
    /// <summary>Draws an image into a square.</summary>
    /// <param name="source">(height, width).</param>
    /// <param name="width">The source's columns.</param>
    /// <param name="height">The source's rows.</param>
    /// <param name="scale">Pixels of the square a pixel of the source.</param>
    /// <param name="left">Where the source's left edge comes, in pixels of the square.</param>
    /// <param name="top">Where the source's top edge comes.</param>
    /// <param name="size">The square's rows and columns.</param>
    /// <returns>(size, size); 0 where the source does not reach.</returns>
    public static float[] Draw(ReadOnlySpan<float> source, int width, int height, double scale, double left, double top, int size)
    {
        float[] narrow = new float[height * size];
        for (int x = 0; x < size; x++)
        {
            (double from, double to) = ((x - left) / scale, (x + 1 - left) / scale);
            int first = Math.Max(0, (int)Math.Floor(from));
            int end = Math.Min(width, (int)Math.Ceiling(to));
            for (int column = first; column < end; column++)
            {
                float share = (float)((Math.Min(to, column + 1) - Math.Max(from, column)) * scale);
                for (int y = 0; y < height; y++)
                {
                    narrow[y * size + x] += share * source[y * width + column];
                }
            }
        }

        float[] square = new float[size * size];
        for (int y = 0; y < size; y++)
        {
            (double from, double to) = ((y - top) / scale, (y + 1 - top) / scale);
            int first = Math.Max(0, (int)Math.Floor(from));
            int end = Math.Min(height, (int)Math.Ceiling(to));
            for (int row = first; row < end; row++)
            {
                float share = (float)((Math.Min(to, row + 1) - Math.Max(from, row)) * scale);
                for (int x = 0; x < size; x++)
                {
                    square[y * size + x] += share * narrow[row * size + x];
                }
            }
        }

        return square;
    }
}
