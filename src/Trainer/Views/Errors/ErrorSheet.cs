using System.Globalization;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Data;
using SkiaSharp;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Views.Errors;

/// <summary>
/// A picture of a network's errors: to the left the misclassified digits, each with what it is, what it was taken for and
/// how confidently; to the right the confusion matrix.
/// </summary>
internal sealed class ErrorSheet : IDisposable
{
    private const int Margin = 36;
    private const int HeaderHeight = 76;

    private const int Magnification = 5;
    private const int DigitSize = InputSize * Magnification;
    private const int CellWidth = DigitSize + 16;
    private const int CellHeight = DigitSize + 40;
    private const int LeastColumns = 5;
    private const int MostColumns = 20;

    private const int MatrixCell = 40;
    private const int MatrixLabels = 36;
    private const int MatrixTop = 84;
    private const int MatrixMisses = 84;
    private const int MatrixWidth = MatrixLabels + Outputs * MatrixCell + MatrixMisses;
    private const int MatrixHeight = MatrixTop + Outputs * MatrixCell;
    private const int Gutter = 40;

    private static readonly SKColor s_ink = new(0x1F, 0x23, 0x28);
    private static readonly SKColor s_muted = new(0x6E, 0x77, 0x81);
    private static readonly SKColor s_wrong = new(0xC6, 0x28, 0x28);
    private static readonly SKColor s_right = new(0xE6, 0xEE, 0xE8);
    private static readonly SKColor s_empty = new(0xF6, 0xF7, 0xF8);

    private readonly SheetFont _title = SheetFont.SemiBold(24);
    private readonly SheetFont _heading = SheetFont.SemiBold(17);
    private readonly SheetFont _label = SheetFont.SemiBold(15);
    private readonly SheetFont _number = SheetFont.Regular(14);
    private readonly SheetFont _text = SheetFont.Regular(14);
    private readonly SheetFont _small = SheetFont.Regular(12);

    /// <summary>How many columns of digits a sheet has: about twice as many as rows.</summary>
    /// <param name="digits">How many digits are drawn.</param>
    public static int Columns(int digits) =>
        Math.Clamp((int)Math.Ceiling(Math.Sqrt(2.0 * digits)), LeastColumns, MostColumns);

    /// <summary>The size of a sheet, in pixels.</summary>
    /// <param name="digits">How many digits are drawn.</param>
    public static (int Width, int Height) Size(int digits)
    {
        int columns = Columns(digits);
        int rows = (digits + columns - 1) / columns;
        return (
            Margin + columns * CellWidth + Gutter + MatrixWidth + Margin,
            Margin + HeaderHeight + Math.Max(rows * CellHeight, MatrixHeight) + Margin);
    }

    /// <summary>Where a digit is drawn, in pixels.</summary>
    /// <param name="position">Which of the digits that are drawn, from 0, row by row.</param>
    /// <param name="digits">How many digits are drawn.</param>
    public static SKRectI Place(int position, int digits)
    {
        int columns = Columns(digits);
        return SKRectI.Create(
            Margin + position % columns * CellWidth, Margin + HeaderHeight + position / columns * CellHeight,
            DigitSize, DigitSize);
    }

    /// <summary>Draws a sheet.</summary>
    /// <param name="title">What network it is, and how many digits of what it gets wrong.</param>
    /// <param name="analysis">What the network gets wrong.</param>
    /// <param name="examples">What it was examined on.</param>
    /// <param name="most">The most digits to draw, of the most confident mistakes.</param>
    /// <returns>A PNG.</returns>
    public static byte[] Png(string title, ErrorAnalysis analysis, Examples examples, int most)
    {
        (int width, int height) = Size(Math.Min(most, analysis.Misclassified.Count));
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (SKCanvas canvas = new(bitmap))
        {
            canvas.Clear(SKColors.White);
            Draw(canvas, title, analysis, examples, most);
        }

        // Flat areas: by the line above alone the picture is about as small as by trying every filter, in a quarter of the time.
        using SKPixmap pixels = bitmap.PeekPixels();
        using SKData? png = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Up, zLibLevel: 3));
        return png!.ToArray();
    }

    /// <summary>Draws a sheet on a canvas of its <see cref="Size"/>.</summary>
    /// <inheritdoc cref="Png"/>
    public static void Draw(SKCanvas canvas, string title, ErrorAnalysis analysis, Examples examples, int most)
    {
        using ErrorSheet sheet = new();
        sheet.DrawOn(canvas, title, analysis, examples, most);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _title.Dispose();
        _heading.Dispose();
        _label.Dispose();
        _number.Dispose();
        _text.Dispose();
        _small.Dispose();
    }

    private void DrawOn(SKCanvas canvas, string title, ErrorAnalysis analysis, Examples examples, int most)
    {
        int drawn = Math.Min(most, analysis.Misclassified.Count);
        (int width, _) = Size(drawn);
        _title.DrawWithin(canvas, title, Margin, Margin + 22, width - 2 * Margin, s_ink);
        _text.Draw(canvas, Explanation(drawn, analysis.Misclassified.Count), Margin, Margin + 47, s_muted);
        for (int position = 0; position < drawn; position++)
        {
            MisclassifiedDigit digit = analysis.Misclassified[position];
            DrawDigit(canvas, digit, examples.Image(digit.Index), Place(position, drawn));
        }

        DrawMatrix(canvas, analysis.Confusion, width - Margin - MatrixWidth, Margin + HeaderHeight);
    }

    private static string Explanation(int drawn, int misses)
    {
        if (misses == 0)
        {
            return "No digit is misclassified.";
        }

        string which = drawn < misses
            ? string.Create(CultureInfo.InvariantCulture, $"The {drawn:N0} most confident of {misses:N0} mistakes")
            : "The most confident mistakes first";
        return $"{which}: true → predicted, and the network's confidence in its prediction";
    }

    private void DrawDigit(SKCanvas canvas, MisclassifiedDigit digit, ReadOnlySpan<float> image, SKRectI place)
    {
        byte[] pixels = new byte[InputUnits];
        for (int pixel = 0; pixel < InputUnits; pixel++)
        {
            pixels[pixel] = ContactSheet.Grey(image[pixel]);
        }

        using SKImage picture = SKImage.FromPixelCopy(
            new SKImageInfo(InputSize, InputSize, SKColorType.Gray8, SKAlphaType.Opaque), pixels, InputSize);
        canvas.DrawImage(picture, place, new SKSamplingOptions(SKFilterMode.Nearest));

        float baseline = place.Bottom + 18;
        float x = place.Left;
        foreach ((string text, SKColor colour) in new[]
        {
            (Number(digit.Label), s_ink), (" → ", s_muted), (Number(digit.Predicted), s_wrong),
        })
        {
            _label.Draw(canvas, text, x, baseline, colour);
            x += _label.Width(text);
        }

        _small.Draw(canvas, Percent(digit.Confidence), place.Right, baseline, s_muted, SKTextAlign.Right);
    }

    private void DrawMatrix(SKCanvas canvas, ConfusionMatrix confusion, int left, int top)
    {
        _heading.Draw(canvas, "Confusion matrix", left, top + 14, s_ink);
        _text.Draw(canvas, "A row is a true digit, a column a prediction", left, top + 36, s_muted);
        int cells = left + MatrixLabels;
        int mostConfused = Math.Max(1, confusion.MostConfused);
        float missesRight = cells + Outputs * MatrixCell + MatrixMisses;
        _small.Draw(canvas, "missed", missesRight, top + MatrixTop - 10, s_muted, SKTextAlign.Right);
        for (int label = 0; label < Outputs; label++)
        {
            float middle = top + MatrixTop + label * MatrixCell + MatrixCell / 2f + 5;
            _label.Draw(canvas, Number(label), left + MatrixLabels / 2f - 4, middle, s_ink, SKTextAlign.Center);
            _label.Draw(
                canvas, Number(label), cells + label * MatrixCell + MatrixCell / 2f, top + MatrixTop - 10, s_ink,
                SKTextAlign.Center);
            for (int predicted = 0; predicted < Outputs; predicted++)
            {
                int count = confusion[label, predicted];
                SKRect cell = SKRect.Create(
                    cells + predicted * MatrixCell + 1, top + MatrixTop + label * MatrixCell + 1, MatrixCell - 2, MatrixCell - 2);
                bool isRight = label == predicted;

                // A single confusion stays visible beside the most frequent one.
                float share = isRight || count == 0 ? 0 : 0.15f + 0.85f * count / mostConfused;
                using SKPaint paint = new() { Color = isRight ? s_right : Between(s_empty, s_wrong, share) };
                canvas.DrawRect(cell, paint);
                if (count > 0)
                {
                    SKColor colour = share > 0.55f ? SKColors.White : isRight ? s_muted : s_ink;
                    _number.Draw(canvas, Number(count), cell.MidX, middle, colour, SKTextAlign.Center);
                }
            }

            string missed = string.Create(
                CultureInfo.InvariantCulture, $"{confusion.Misses(label)} of {confusion.Examples(label)}");
            _small.Draw(canvas, missed, missesRight, middle, s_muted, SKTextAlign.Right);
        }
    }

    private static SKColor Between(SKColor from, SKColor to, float share)
    {
        byte Mix(byte a, byte b) => (byte)MathF.Round(a + (b - a) * share);
        return new SKColor(Mix(from.Red, to.Red), Mix(from.Green, to.Green), Mix(from.Blue, to.Blue));
    }

    /// <summary>A confidence in whole percent, rounded down: a mistake that is almost certain is not a certain one.</summary>
    private static string Percent(double confidence) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(100 * confidence):F0}%");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
