namespace GpuConvnet.Recognition;

/// <summary>How thick a digit's strokes are, and making them thicker or thinner.</summary>
internal static class Strokes
{
    /// <summary>The mean width of strokes, in pixels: twice the ink by the length of its outline.</summary>
    /// <param name="ink">(size, size), 0 paper to 1 ink.</param>
    /// <param name="size">Rows and columns.</param>
    public static double Width(ReadOnlySpan<float> ink, int size)
    {
        double area = 0;
        double outline = 0;
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                float level = ink[y * size + x];
                area += level;
                outline += Math.Abs(level - (x + 1 < size ? ink[y * size + x + 1] : 0));
                outline += Math.Abs(level - (y + 1 < size ? ink[(y + 1) * size + x] : 0));
                outline += (x == 0 ? level : 0) + (y == 0 ? level : 0);
            }
        }

        // Steps along rows and columns are longer than the way itself: by 4 / pi, over all directions.
        return outline == 0 ? 0 : 2 * area / (outline * Math.PI / 4);
    }

    /// <summary>Makes strokes thicker or thinner.</summary>
    /// <param name="ink">(size, size), 0 paper to 1 ink.</param>
    /// <param name="size">Rows and columns.</param>
    /// <param name="radius">By how many pixels every edge moves outwards; inwards if negative.</param>
    public static float[] Moved(ReadOnlySpan<float> ink, int size, int radius)
    {
        bool grows = radius > 0;
        int reach = Math.Abs(radius);
        float[] moved = new float[ink.Length];
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                float extreme = ink[y * size + x];
                for (int down = -reach; down <= reach; down++)
                {
                    for (int across = -reach; across <= reach; across++)
                    {
                        // A disk: half a pixel more than the radius looks the roundest.
                        if (down * down + across * across > (reach + 0.5) * (reach + 0.5))
                        {
                            continue;
                        }

                        bool isInside = y + down >= 0 && y + down < size && x + across >= 0 && x + across < size;
                        float level = isInside ? ink[(y + down) * size + x + across] : 0;
                        extreme = grows ? Math.Max(extreme, level) : Math.Min(extreme, level);
                    }
                }

                moved[y * size + x] = extreme;
            }
        }

        return moved;
    }
}
