namespace GpuConvnet.Trainer.Views.Report;

/// <summary>The colours of lines, after Okabe and Ito, for who draws them without the libraries of <see cref="Palette"/>.</summary>
internal static class LineColors
{
    /// <summary>On a light screen, in their order.</summary>
    public static IReadOnlyList<string> OnLight { get; } =
        ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A7A7A", "#8C6D1F"];

    /// <summary>The same, lighter, on a dark one.</summary>
    public static IReadOnlyList<string> OnDark { get; } =
        ["#56B4E9", "#FF9D57", "#2FC79A", "#E6A3C8", "#A5D8F7", "#F0C04A", "#B0B0B0", "#C9AE6A"];
}
