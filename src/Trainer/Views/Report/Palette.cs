using ScottPlot;
using SkiaSharp;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>The colours of a report, after Okabe and Ito: the colour-blind tell them apart.</summary>
internal static class Palette
{
    /// <summary>The lines of runs that are compared, in their order.</summary>
    public static IReadOnlyList<string> Lines => LineColors.OnLight;

    /// <summary>Training per example, beside <see cref="Batches"/>.</summary>
    public static Color PerExample { get; } = Color.FromHex(Lines[0]);

    /// <summary>Training in batches.</summary>
    public static Color Batches { get; } = Color.FromHex(Lines[1]);

    // Nuñez, Anderton and Renslow, "Optimizing colormaps with consideration for color vision deficiency" (2018).
    private static readonly SKColor[] s_cividis =
    [
        new(0x00, 0x20, 0x4D), new(0x00, 0x33, 0x6F), new(0x39, 0x48, 0x6B), new(0x57, 0x5C, 0x6D), new(0x70, 0x71, 0x73),
        new(0x8A, 0x87, 0x79), new(0xA6, 0x9D, 0x75), new(0xC4, 0xB5, 0x6C), new(0xE4, 0xCF, 0x5B), new(0xFF, 0xEA, 0x46),
    ];

    /// <summary>
    /// A value from -1 (dark blue) by 0 (grey) to 1 (yellow), by the scale cividis: the larger, the lighter, for the
    /// colour-blind and on a grey print as well.
    /// </summary>
    public static SKColor Scale(float value)
    {
        float place = (Math.Clamp(value, -1, 1) + 1) / 2 * (s_cividis.Length - 1);
        int index = Math.Min((int)place, s_cividis.Length - 2);
        (SKColor from, SKColor to) = (s_cividis[index], s_cividis[index + 1]);
        byte Mix(byte a, byte b) => (byte)MathF.Round(a + (b - a) * (place - index));
        return new SKColor(Mix(from.Red, to.Red), Mix(from.Green, to.Green), Mix(from.Blue, to.Blue));
    }
}
