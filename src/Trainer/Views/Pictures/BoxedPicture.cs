using GpuConvnet.Recognition.Images;
using GpuConvnet.Trainer.Runs.Results;
using SkiaSharp;

namespace GpuConvnet.Trainer.Views.Pictures;

/// <summary>A picture with boxes around the digits that were found in it, and the answers above them.</summary>
internal static class BoxedPicture
{
    private const int Quality = 92;

    private static readonly SKColor s_box = new(0xD0, 0x30, 0x20);

    private static readonly Dictionary<string, SKEncodedImageFormat> s_formats = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = SKEncodedImageFormat.Png,
        [".jpg"] = SKEncodedImageFormat.Jpeg,
        [".jpeg"] = SKEncodedImageFormat.Jpeg,
        [".jpe"] = SKEncodedImageFormat.Jpeg,
        [".jfif"] = SKEncodedImageFormat.Jpeg,
        [".webp"] = SKEncodedImageFormat.Webp,
    };

    /// <summary>The endings of files that can be drawn.</summary>
    public static IReadOnlyCollection<string> Endings => s_formats.Keys;

    /// <summary>Draws it.</summary>
    /// <param name="image">The picture as it was looked at.</param>
    /// <param name="digits">The boxes, in pixels of the file, and what is written above each.</param>
    /// <param name="ending">The file's ending, one of <see cref="Endings"/>, which says its format.</param>
    /// <returns>The file.</returns>
    public static byte[] Of(GreyImage image, IEnumerable<(PictureBox Box, string Answer)> digits, string ending)
    {
        using SKBitmap bitmap = new(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            pixels.Slice(4 * i, 3).Fill(image.Pixels[i]);
            pixels[4 * i + 3] = 255;
        }

        using SKCanvas canvas = new(bitmap);
        float line = Math.Max(1, Math.Max(image.Width, image.Height) / 300f);
        using SKPaint outline = new() { Color = s_box, IsStroke = true, StrokeWidth = line, IsAntialias = true };
        using SKPaint ink = new() { Color = s_box, IsAntialias = true };
        using Stream glyphs = typeof(BoxedPicture).Assembly.GetManifestResourceStream("fonts/Inter-SemiBold.ttf")!;
        using SKTypeface face = SKTypeface.FromStream(glyphs);
        float scale = (float)(1 / image.Reduction);
        foreach ((PictureBox box, string answer) in digits)
        {
            SKRect edge = SKRect.Create(box.Left * scale, box.Top * scale, box.Width * scale, box.Height * scale);
            edge.Inflate(line, line);
            canvas.DrawRect(edge, outline);
            using SKFont font = new(face, Math.Clamp(edge.Height / 3, 10, 40));
            float baseline = edge.Top - 2 * line > font.Size ? edge.Top - 2 * line : edge.Bottom + font.Size;
            canvas.DrawText(answer, edge.Left, baseline, font, ink);
        }

        canvas.Flush();
        using SKData file = bitmap.Encode(s_formats[ending], Quality);
        return file.ToArray();
    }
}
