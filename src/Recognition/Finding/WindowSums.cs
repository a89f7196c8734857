namespace GpuConvnet.Recognition.Finding;

/// <summary>The sum over any rectangle of a picture in four look-ups (a summed-area table).</summary>
internal sealed class WindowSums
{
    private readonly int _width;
    private readonly int _height;
    private readonly double[] _sums;

    /// <summary>Sums values.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="values">(<paramref name="height"/>, <paramref name="width"/>).</param>
    public WindowSums(int width, int height, ReadOnlySpan<float> values)
    {
        (_width, _height) = (width, height);
        _sums = new double[(width + 1) * (height + 1)];
        for (int y = 0; y < height; y++)
        {
            double row = 0;
            for (int x = 0; x < width; x++)
            {
                row += values[y * width + x];
                _sums[(y + 1) * (width + 1) + x + 1] = _sums[y * (width + 1) + x + 1] + row;
            }
        }
    }

    /// <summary>The sum over the square around a pixel, as much of it as lies within the picture.</summary>
    /// <param name="x">The pixel's column.</param>
    /// <param name="y">The pixel's row.</param>
    /// <param name="radius">How far the square reaches to each side.</param>
    /// <param name="count">How many pixels that is.</param>
    public double Around(int x, int y, int radius, out int count)
    {
        int left = Math.Max(0, x - radius);
        int right = Math.Min(_width, x + radius + 1);
        int top = Math.Max(0, y - radius);
        int bottom = Math.Min(_height, y + radius + 1);
        count = (right - left) * (bottom - top);
        int stride = _width + 1;
        return _sums[bottom * stride + right] - _sums[bottom * stride + left] - _sums[top * stride + right] + _sums[top * stride + left];
    }

    /// <summary>The mean around every pixel.</summary>
    /// <param name="radius">How far the square reaches to each side.</param>
    public float[] Means(int radius)
    {
        float[] means = new float[_width * _height];
        for (int y = 0; y < _height; y++)
        {
            for (int x = 0; x < _width; x++)
            {
                means[y * _width + x] = (float)(Around(x, y, radius, out int count) / count);
            }
        }

        return means;
    }
}
