using SkiaSharp;

namespace GpuConvnet.Trainer.Report;

/// <summary>The colours of a report, after Okabe and Ito: the colour-blind tell them apart.</summary>
internal static class Palette
{
    /// <summary>The lines of runs that are compared, in their order.</summary>
    public static IReadOnlyList<string> Lines { get; } =
        ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A7A7A", "#8C6D1F"];

    /// <summary>A value from -1 (blue) by 0 (white) to 1 (orange): of both, the stronger is the darker.</summary>
    public static SKColor Diverging(float value)
    {
        SKColor end = value < 0 ? new SKColor(0x00, 0x4A, 0x7C) : new SKColor(0xB3, 0x45, 0x00);
        float share = Math.Min(1, Math.Abs(value));
        byte Mix(byte channel) => (byte)MathF.Round(255 + (channel - 255) * share);
        return new SKColor(Mix(end.Red), Mix(end.Green), Mix(end.Blue));
    }
}
