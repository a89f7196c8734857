using SkiaSharp;

namespace GpuConvnet.Trainer.Views.Errors;

/// <summary>
/// Inter, a typeface under the SIL Open Font License, in the program itself: what a sheet looks like must not depend on
/// the fonts of the machine, and a server often has none. Subsets of Latin and the arrow; others are drawn as boxes.
/// </summary>
internal sealed class SheetFont : IDisposable
{
    private readonly SKTypeface _typeface;

    private SKFont Font { get; }

    private SheetFont(bool isSemiBold, float size)
    {
        _typeface = Typeface(isSemiBold);
        Font = new SKFont(_typeface, size) { Edging = SKFontEdging.Antialias, Subpixel = true };
    }

    /// <summary>The regular weight.</summary>
    /// <param name="size">In pixels.</param>
    public static SheetFont Regular(float size) => new(isSemiBold: false, size);

    /// <summary>The weight of titles.</summary>
    /// <param name="size">In pixels.</param>
    public static SheetFont SemiBold(float size) => new(isSemiBold: true, size);

    /// <summary>The typeface in one of its two weights; to be disposed.</summary>
    public static SKTypeface Typeface(bool isSemiBold)
    {
        string name = isSemiBold ? "Inter-SemiBold" : "Inter-Regular";
        using Stream stream = typeof(SheetFont).Assembly.GetManifestResourceStream($"fonts/{name}.ttf")
            ?? throw new InvalidOperationException($"The font {name} is not in the program.");
        using SKData data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    }

    /// <summary>Whether every character of a text has a glyph.</summary>
    public bool Has(string text) => Font.ContainsGlyphs(text);

    /// <summary>How wide a text is, in pixels.</summary>
    public float Width(string text) => Font.MeasureText(text);

    /// <summary>Draws a text on its baseline.</summary>
    /// <param name="canvas">Where to.</param>
    /// <param name="text">The text.</param>
    /// <param name="x">Where it begins, is centred or ends.</param>
    /// <param name="baseline">The baseline.</param>
    /// <param name="colour">Its colour.</param>
    /// <param name="align">What <paramref name="x"/> is.</param>
    public void Draw(
        SKCanvas canvas, string text, float x, float baseline, SKColor colour, SKTextAlign align = SKTextAlign.Left)
    {
        using SKPaint paint = new() { Color = colour, IsAntialias = true };
        canvas.DrawText(text, x, baseline, align, Font, paint);
    }

    /// <summary>Draws as much of a text as fits, an ellipsis at its end where that is not all.</summary>
    public void DrawWithin(SKCanvas canvas, string text, float x, float baseline, float width, SKColor colour)
    {
        string shown = text;
        for (int length = text.Length; Width(shown) > width && length > 0; length--)
        {
            shown = text[..length].TrimEnd() + "…";
        }

        Draw(canvas, shown, x, baseline, colour);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Font.Dispose();
        _typeface.Dispose();
    }
}
