using SkiaSharp;

namespace GpuConvnet.Scenes;

/// <summary>A picture while it is made: paper and ink first, then the light, then the camera.</summary>
internal sealed class Page : IDisposable
{
    private readonly SKBitmap _bitmap;
    private readonly Random _random;

    public Page(int width, int height, SKColor paper, Random random)
    {
        _bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        _bitmap.Erase(paper);
        Canvas = new SKCanvas(_bitmap);
        _random = random;
    }

    public SKCanvas Canvas { get; }

    public int Width => _bitmap.Width;

    public int Height => _bitmap.Height;

    /// <summary>Turns what is drawn from now on around the middle.</summary>
    public void Tilt(double degrees) => Canvas.RotateDegrees((float)degrees, Width / 2f, Height / 2f);

    /// <summary>A line.</summary>
    public void Line(double x1, double y1, double x2, double y2, SKColor colour, double width)
    {
        using SKPaint paint = new() { Color = colour, StrokeWidth = (float)width, IsStroke = true, IsAntialias = true };
        Canvas.DrawLine((float)x1, (float)y1, (float)x2, (float)y2, paint);
    }

    /// <summary>An empty rectangle.</summary>
    public void Frame(double left, double top, double right, double bottom, SKColor colour, double width)
    {
        using SKPaint paint = new() { Color = colour, StrokeWidth = (float)width, IsStroke = true, IsAntialias = true };
        Canvas.DrawRect(new SKRect((float)left, (float)top, (float)right, (float)bottom), paint);
    }

    /// <summary>A full rectangle.</summary>
    public void Fill(double left, double top, double right, double bottom, SKColor colour)
    {
        using SKPaint paint = new() { Color = colour, IsAntialias = true };
        Canvas.DrawRect(new SKRect((float)left, (float)top, (float)right, (float)bottom), paint);
    }

    /// <summary>A full ellipse, its edge as soft as said.</summary>
    public void Ellipse(double x, double y, double across, double down, SKColor colour, double softness = 1)
    {
        using SKMaskFilter blur = SKMaskFilter.CreateBlur(SKBlurStyle.Normal, (float)Math.Max(0.3, softness));
        using SKPaint paint = new() { Color = colour, IsAntialias = true, MaskFilter = blur };
        Canvas.DrawOval((float)x, (float)y, (float)across, (float)down, paint);
    }

    /// <summary>Printed letters.</summary>
    public void Print(string text, double x, double y, double size, SKColor colour)
    {
        using Stream stream = typeof(Page).Assembly.GetManifestResourceStream("font")!;
        using SKTypeface face = SKTypeface.FromStream(stream);
        using SKFont font = new(face, (float)size);
        using SKPaint paint = new() { Color = colour, IsAntialias = true };
        Canvas.DrawText(text, (float)x, (float)y, font, paint);
    }

    /// <summary>A handwritten digit, its 28x28 pixels as large as said, in the given ink.</summary>
    /// <param name="pixels">(28, 28), 0 to 255.</param>
    /// <param name="x">The middle.</param>
    /// <param name="y">The middle.</param>
    /// <param name="size">What 28 pixels become.</param>
    /// <param name="ink">The ink's colour.</param>
    /// <param name="degrees">How far it leans, clockwise.</param>
    /// <param name="threshold">Where a stroke's edge is: less than a half makes thicker, more thinner.</param>
    public void Digit(ReadOnlySpan<byte> pixels, double x, double y, double size, SKColor ink, double degrees, double threshold)
    {
        using SKBitmap small = new(new SKImageInfo(TestDigits.Side, TestDigits.Side, SKColorType.Gray8, SKAlphaType.Opaque));
        for (int row = 0; row < TestDigits.Side; row++)
        {
            pixels.Slice(row * TestDigits.Side, TestDigits.Side).CopyTo(small.GetPixelSpan()[(row * small.RowBytes)..]);
        }

        int side = Math.Max(TestDigits.Side, (int)Math.Round(size * 2));
        using SKBitmap large = small.Resize(
            new SKImageInfo(side, side, SKColorType.Gray8, SKAlphaType.Opaque), new SKSamplingOptions(SKCubicResampler.Mitchell));
        using SKBitmap mask = new(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        ReadOnlySpan<byte> levels = large.GetPixelSpan();
        Span<byte> inked = mask.GetPixelSpan();
        for (int i = 0; i < side * side; i++)
        {
            double level = levels[i / side * large.RowBytes + i % side] / 255.0;

            // As sharp as a pen's edge, whatever the size; and a pen's ink is uneven.
            double share = Math.Clamp((level - threshold) * side / 40.0 + 0.5, 0, 1) * (0.92 + 0.08 * _random.NextDouble());
            (inked[4 * i], inked[4 * i + 1], inked[4 * i + 2], inked[4 * i + 3]) = (ink.Red, ink.Green, ink.Blue, (byte)(share * 255));
        }

        Canvas.Save();
        Canvas.Translate((float)x, (float)y);
        Canvas.RotateDegrees((float)degrees);
        using SKImage image = SKImage.FromBitmap(mask);
        using SKPaint paint = new() { IsAntialias = true };
        float half = (float)size / 2;
        Canvas.DrawImage(image, new SKRect(-half, -half, half, half), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear), paint);
        Canvas.Restore();
    }

    /// <summary>Each pixel's light, as a part of full light, by its place.</summary>
    public void Light(Func<int, int, double> of)
    {
        Canvas.Flush();
        Span<byte> pixels = _bitmap.GetPixelSpan();
        for (int i = 0; i < pixels.Length; i += 4)
        {
            double light = of(i / 4 % Width, i / 4 / Width);
            for (int channel = 0; channel < 3; channel++)
            {
                pixels[i + channel] = (byte)Math.Clamp(pixels[i + channel] * light + 0.5, 0, 255);
            }
        }
    }

    /// <summary>What a camera makes of it: a little out of focus, and grainy.</summary>
    /// <param name="blur">The deviation of the focus, in pixels.</param>
    /// <param name="grain">The deviation of the grain, in levels.</param>
    public void Photograph(double blur, double grain)
    {
        Canvas.Flush();
        if (blur > 0)
        {
            using SKBitmap sharp = _bitmap.Copy();
            using SKImageFilter filter = SKImageFilter.CreateBlur((float)blur, (float)blur, SKShaderTileMode.Clamp);
            using SKPaint paint = new() { ImageFilter = filter };
            Canvas.ResetMatrix();
            Canvas.DrawBitmap(sharp, 0, 0, paint);
            Canvas.Flush();
        }

        if (grain > 0)
        {
            Span<byte> pixels = _bitmap.GetPixelSpan();
            for (int i = 0; i < pixels.Length; i += 4)
            {
                double noise = grain * Normal();
                for (int channel = 0; channel < 3; channel++)
                {
                    pixels[i + channel] = (byte)Math.Clamp(pixels[i + channel] + noise + 0.5, 0, 255);
                }
            }
        }
    }

    /// <summary>The file.</summary>
    public byte[] Encode(SKEncodedImageFormat format, int quality)
    {
        Canvas.Flush();
        using SKData data = _bitmap.Encode(format, quality);
        return data.ToArray();
    }

    public void Dispose()
    {
        Canvas.Dispose();
        _bitmap.Dispose();
    }

    // Twelve uniform deviates less six: near enough to a normal one.
    private double Normal()
    {
        double sum = -6;
        for (int i = 0; i < 12; i++)
        {
            sum += _random.NextDouble();
        }

        return sum;
    }
}
