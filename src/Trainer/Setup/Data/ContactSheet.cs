using GpuConvnet.Model;
using SkiaSharp;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>Digits side by side in a picture: one row per class, 0 at the top.</summary>
internal static class ContactSheet
{
    private const int Magnification = 3;
    private const int Gap = 4;
    private const int Cell = InputSize * Magnification + Gap;

    /// <summary>Draws the first digits of each class.</summary>
    /// <param name="examples">Where they are from.</param>
    /// <param name="columns">How many a class.</param>
    /// <returns>A PNG.</returns>
    public static byte[] Png(Examples examples, int columns)
    {
        SKImageInfo size = new(columns * Cell + Gap, Outputs * Cell + Gap, SKColorType.Gray8, SKAlphaType.Opaque);
        using SKBitmap sheet = new(size);
        Span<byte> pixels = sheet.GetPixelSpan();
        pixels.Fill(96);
        int[] drawn = new int[Outputs];
        for (int example = 0; example < examples.Count; example++)
        {
            int digit = examples.Labels[example];
            if (drawn[digit] < columns)
            {
                Draw(examples.Image(example), pixels, sheet.RowBytes, Gap + drawn[digit] * Cell, Gap + digit * Cell);
                drawn[digit]++;
            }
        }

        using SKData png = sheet.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    /// <summary>The grey of a pixel in [-1, 1]: black to white, as the network sees it.</summary>
    internal static byte Grey(float pixel) => (byte)Math.Clamp((pixel + 1) * 127.5f, 0, 255);

    private static void Draw(ReadOnlySpan<float> image, Span<byte> pixels, int rowBytes, int left, int top)
    {
        for (int y = 0; y < InputSize * Magnification; y++)
        {
            for (int x = 0; x < InputSize * Magnification; x++)
            {
                pixels[(top + y) * rowBytes + left + x] = Grey(image[y / Magnification * InputSize + x / Magnification]);
            }
        }
    }
}
