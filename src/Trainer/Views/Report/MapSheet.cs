using System.Globalization;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Views.Errors;
using SkiaSharp;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>Pictures of what is in a network: the kernels of H1, and the units that a digit excites.</summary>
internal sealed class MapSheet : IDisposable
{
    private const int Margin = 28;
    private const int Gap = 16;
    private const int MapSize = 80;
    private const int MapStride = MapSize + Gap;
    private const int MapsInARow = 6;

    private static readonly SKColor s_ink = new(0x1F, 0x23, 0x28);
    private static readonly SKColor s_muted = new(0x59, 0x63, 0x6E);
    private static readonly SKColor s_frame = new(0xAF, 0xB8, 0xC1);

    private readonly SheetFont _title = SheetFont.SemiBold(18);
    private readonly SheetFont _label = SheetFont.SemiBold(14);
    private readonly SheetFont _small = SheetFont.Regular(12);

    /// <summary>The twelve kernels of H1.</summary>
    /// <param name="title">Whose they are.</param>
    /// <param name="parameters">The network's 9,760 parameters.</param>
    public static Picture Kernels(string title, float[] parameters)
    {
        using MapSheet sheet = new();
        int width = 2 * Margin + MapsInARow * MapStride - Gap;
        int height = 2 * Margin + 62 + H1Maps / MapsInARow * (MapStride + 18) - Gap;
        return Picture.Draw("h1-kernels", width, height, canvas => sheet.DrawKernels(canvas, width, title, parameters));
    }

    /// <summary>What every unit makes of a digit.</summary>
    /// <param name="title">Whose they are.</param>
    /// <param name="network">The network, its parameters loaded.</param>
    /// <param name="examples">Where the digit is from.</param>
    /// <param name="example">Which it is.</param>
    public static Picture Activations(string title, SimdNetwork network, Examples examples, int example)
    {
        float[] units = new float[Shape1989.Activations];
        network.Trace(examples, example, Perturbation.None, 1, units, new float[Shape1989.Activations]);
        using MapSheet sheet = new();
        const int Width = 2 * Margin + 180 + MapsInARow * MapStride - Gap;
        const int Height = 760;
        return Picture.Draw(
            "activations", Width, Height, canvas => sheet.DrawActivations(canvas, Width, title, examples, example, units));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _title.Dispose();
        _label.Dispose();
        _small.Dispose();
    }

    private void DrawKernels(SKCanvas canvas, int width, string title, float[] parameters)
    {
        ReadOnlySpan<float> weights = Parameters.H1w.Of(parameters.AsSpan());
        float most = Most(weights);
        _title.DrawWithin(canvas, $"{title}: the twelve kernels of H1", Margin, Margin + 14, width - 2 * Margin, s_ink);
        DrawScale(canvas, Margin, Margin + 28, most);
        for (int map = 0; map < H1Maps; map++)
        {
            float x = Margin + map % MapsInARow * MapStride;
            float y = Margin + 62 + map / MapsInARow * (MapStride + 18);
            DrawMap(canvas, weights.Slice(map * KernelTaps, KernelTaps), KernelSize, most, x, y, MapSize);
            _small.Draw(canvas, Number(map), x + MapSize / 2f, y + MapSize + 15, s_muted, SKTextAlign.Center);
        }
    }

    private void DrawActivations(
        SKCanvas canvas, int width, string title, Examples examples, int example, ReadOnlySpan<float> units)
    {
        const int Layers = Margin + 180;
        _title.DrawWithin(
            canvas, $"{title}: what the units make of a {examples.Labels[example]}", Margin, Margin + 14, width - 2 * Margin, s_ink);
        DrawScale(canvas, Margin, Margin + 28, 1, "as far as the strongest unit of the layer");

        float y = Margin + 74;
        _label.Draw(canvas, "input, 16x16", Margin, y, s_ink);
        DrawMap(canvas, examples.Image(example), InputSize, 1, Margin, y + 12, 144, grey: true);

        _label.Draw(canvas, "H1, 12 maps of 8x8", Layers, y, s_ink);
        ReadOnlySpan<float> h1 = units[..H1Units];
        DrawMaps(canvas, h1, H1Maps, H1Size, Layers, y + 12);
        y += 12 + 2 * MapStride + 18;

        _label.Draw(canvas, "H2, 12 maps of 4x4", Layers, y, s_ink);
        DrawMaps(canvas, units.Slice(H1Units, H2Units), H2Maps, H2Size, Layers, y + 12);
        y += 12 + 2 * MapStride + 18;

        ReadOnlySpan<float> h3 = units.Slice(H1Units + H2Units, H3Units);
        _label.Draw(canvas, "H3, 30 units", Layers, y, s_ink);
        const int Cell = 36;
        float most = Most(h3);
        for (int unit = 0; unit < H3Units; unit++)
        {
            float left = Layers + unit % 15 * (Cell + 1);
            DrawMap(canvas, h3.Slice(unit, 1), 1, most, left, y + 12 + unit / 15 * (Cell + 4), Cell);
        }

        y += 12 + 2 * (Cell + 4) + 26;
        ReadOnlySpan<float> outputs = units[^Outputs..];
        _label.Draw(canvas, "the ten outputs", Layers, y, s_ink);
        most = Most(outputs);
        for (int digit = 0; digit < Outputs; digit++)
        {
            float left = Layers + digit * 55;
            DrawMap(canvas, outputs.Slice(digit, 1), 1, most, left, y + 12, Cell);
            _label.Draw(canvas, Number(digit), left + Cell / 2f, y + 28 + Cell, s_ink, SKTextAlign.Center);
            string value = string.Create(CultureInfo.InvariantCulture, $"{outputs[digit]:F2}");
            _small.Draw(canvas, value, left + Cell / 2f, y + 44 + Cell, s_muted, SKTextAlign.Center);
        }
    }

    private static void DrawMaps(SKCanvas canvas, ReadOnlySpan<float> units, int maps, int size, float x, float y)
    {
        float most = Most(units);
        for (int map = 0; map < maps; map++)
        {
            ReadOnlySpan<float> of = units.Slice(map * size * size, size * size);
            DrawMap(canvas, of, size, most, x + map % MapsInARow * MapStride, y + map / MapsInARow * MapStride, MapSize);
        }
    }

    private static void DrawMap(
        SKCanvas canvas, ReadOnlySpan<float> values, int size, float most, float x, float y, float side, bool grey = false)
    {
        float cell = side / size;
        using SKPaint paint = new() { IsAntialias = false };
        for (int index = 0; index < values.Length; index++)
        {
            paint.Color = grey ? Grey(values[index]) : Palette.Scale(values[index] / most);
            canvas.DrawRect(x + index % size * cell, y + index / size * cell, cell, cell, paint);
        }

        using SKPaint frame = new() { Color = s_frame, IsStroke = true, StrokeWidth = 1, IsAntialias = true };
        canvas.DrawRect(x, y, side, side, frame);
    }

    private void DrawScale(SKCanvas canvas, float x, float y, float most, string? meaning = null)
    {
        const int Steps = 41;
        const int Length = 164;
        string end = meaning ?? string.Create(CultureInfo.InvariantCulture, $"{most:F2}");
        string begin = meaning is null ? string.Create(CultureInfo.InvariantCulture, $"-{most:F2}") : "negative";
        _small.Draw(canvas, begin, x, y + 11, s_muted);
        float left = x + _small.Width(begin) + 8;
        using SKPaint paint = new() { IsAntialias = false };
        for (int step = 0; step < Steps; step++)
        {
            paint.Color = Palette.Scale(2f * step / (Steps - 1) - 1);
            canvas.DrawRect(left + step * Length / (float)Steps, y, Length / (float)Steps + 0.5f, 14, paint);
        }

        _small.Draw(canvas, meaning is null ? end : $"positive, {end}", left + Length + 8, y + 11, s_muted);
    }

    /// <summary>The largest magnitude, never 0.</summary>
    private static float Most(ReadOnlySpan<float> values)
    {
        float most = 1e-6f;
        foreach (float value in values)
        {
            most = Math.Max(most, Math.Abs(value));
        }

        return most;
    }

    private static SKColor Grey(float pixel)
    {
        byte level = ContactSheet.Grey(pixel);
        return new SKColor(level, level, level);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
