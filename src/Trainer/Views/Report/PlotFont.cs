using GpuConvnet.Trainer.Views.Errors;
using ScottPlot;
using SkiaSharp;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>Gives plots the typeface that the program carries, so that they look alike on every machine.</summary>
internal sealed class PlotFont : IFontResolver
{
    private const string Name = "Inter";

    private PlotFont()
    {
    }

    /// <summary>An empty plot in this typeface; to be disposed.</summary>
    public static Plot CreatePlot()
    {
        Registration.Once();
        return new Plot();
    }

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? SheetFont.Typeface(isSemiBold: weight >= FontWeight.SemiBold) : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        fontName == Name ? SheetFont.Typeface(isSemiBold: bold) : null;

    private static class Registration
    {
        static Registration()
        {
            Fonts.FontResolvers.Add(new PlotFont());
            Fonts.Default = Name;
            Fonts.Sans = Name;
        }

        public static void Once()
        {
        }
    }
}
