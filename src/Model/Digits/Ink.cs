using System.Runtime.CompilerServices;

namespace GpuConvnet.Model.Digits;

/// <summary>Draws the path of a pen on a 16x16 image.</summary>
internal static class Ink
{
    private const int Size = 16;
    private const float Levels = 255f;

    /// <summary>Draws a path, antialiased.</summary>
    /// <param name="path">The pen's points, in pixels: (0, 0) is the middle of the first pixel.</param>
    /// <param name="softness">Over how many pixels a line's edge fades.</param>
    /// <param name="coverage">(16, 16), all 0; receives how much of each pixel is inked, 0 to 1.</param>
    public static void Draw(ReadOnlySpan<PenPoint> path, float softness, Span<float> coverage)
    {
        for (int i = 1; i < path.Length; i++)
        {
            if (path[i].IsDown)
            {
                DrawSegment(path[i - 1], path[i], softness, coverage);
            }
        }
    }

    /// <summary>Turns coverage into the pixels of a scan: grainy where there is ink, 256 levels of grey.</summary>
    /// <param name="random">The example's numbers.</param>
    /// <param name="grain">The standard deviation of the ink's unevenness, as a part of full ink.</param>
    /// <param name="image">(16, 16): coverage 0 to 1, overwritten with pixels in [-1, 1].</param>
    public static void Scan(ref ExampleRandom random, float grain, Span<float> image)
    {
        for (int i = 0; i < image.Length; i++)
        {
            float ink = image[i];
            if (ink > 0)
            {
                ink = Math.Clamp(ink + random.Bell(grain), 0f, 1f);
            }

            // The levels of an 8-bit scan, as MNIST's: (level - 127.5) / 127.5.
            image[i] = (int)(ink * Levels + 0.5f) / (Levels / 2) - 1;
        }
    }

    // Nearly all of the time goes here, and a set is drawn once, at the start: compiled well from the first call.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DrawSegment(in PenPoint from, in PenPoint to, float softness, Span<float> coverage)
    {
        float reach = Math.Max(from.Radius, to.Radius) + softness * 0.5f;
        int left = Math.Max(0, (int)(Math.Min(from.X, to.X) - reach + 1));
        int right = Math.Min(Size - 1, (int)(Math.Max(from.X, to.X) + reach));
        int top = Math.Max(0, (int)(Math.Min(from.Y, to.Y) - reach + 1));
        int bottom = Math.Min(Size - 1, (int)(Math.Max(from.Y, to.Y) + reach));

        float dx = to.X - from.X;
        float dy = to.Y - from.Y;
        float perSquareLength = 1f / Math.Max(dx * dx + dy * dy, 1e-6f);
        float perSoftness = 1f / softness;
        for (int y = top; y <= bottom; y++)
        {
            float py = y - from.Y;
            Span<float> row = coverage.Slice(y * Size, Size);
            for (int x = left; x <= right; x++)
            {
                float px = x - from.X;
                float along = Math.Clamp((px * dx + py * dy) * perSquareLength, 0f, 1f);
                float ex = px - along * dx;
                float ey = py - along * dy;
                float edge = from.Radius + along * (to.Radius - from.Radius) + 0.5f * softness;
                float square = ex * ex + ey * ey;
                if (square < edge * edge)
                {
                    float ink = Math.Min(1f, (edge - MathF.Sqrt(square)) * perSoftness);
                    row[x] = Math.Max(row[x], ink);
                }
            }
        }
    }
}
