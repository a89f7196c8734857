using System.Text;
using ScottPlot;
using SkiaSharp;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>A picture of a report, twice: to look at anywhere, and to print in any size.</summary>
/// <param name="Name">The name of its files, without an ending.</param>
/// <param name="Png">The picture as PNG.</param>
/// <param name="Svg">The picture as SVG.</param>
internal sealed record Picture(string Name, byte[] Png, byte[] Svg)
{
    // Enough for a screen of high density.
    private const int PngScale = 2;

    private const string PngEnding = ".png";
    private const string SvgEnding = ".svg";

    /// <summary>The endings of its files.</summary>
    public static IReadOnlyList<string> Endings { get; } = [PngEnding, SvgEnding];

    /// <summary>The files that <see cref="Save"/> writes.</summary>
    /// <param name="folder">Where to.</param>
    public IEnumerable<string> Paths(string folder) => Endings.Select(ending => Path.Combine(folder, Name + ending));

    /// <summary>Writes both, in place of those that are there.</summary>
    /// <param name="folder">Where to.</param>
    public void Save(string folder)
    {
        AtomicFile.Write(Path.Combine(folder, Name + PngEnding), Png);
        AtomicFile.Write(Path.Combine(folder, Name + SvgEnding), Svg);
    }

    /// <summary>A plot as a picture.</summary>
    /// <param name="name">The name of its files.</param>
    /// <param name="plot">The plot, of <see cref="PlotFont.CreatePlot"/>.</param>
    /// <param name="width">In pixels of a screen of ordinary density.</param>
    /// <param name="height">Likewise.</param>
    /// <param name="pngScale">How many pixels of the PNG stand for one.</param>
    public static Picture Of(string name, Plot plot, int width, int height, int pngScale = 1)
    {
        byte[] svg = VectorFont.WithFallback(plot.GetSvgXml(width, height));
        plot.ScaleFactor = pngScale;
        return new Picture(name, plot.GetImageBytes(pngScale * width, pngScale * height, ImageFormat.Png), svg);
    }

    /// <summary>Draws a picture.</summary>
    /// <param name="name">The name of its files.</param>
    /// <param name="width">In pixels of a screen of ordinary density.</param>
    /// <param name="height">Likewise.</param>
    /// <param name="draw">Draws it, on white.</param>
    public static Picture Draw(string name, int width, int height, Action<SKCanvas> draw)
    {
        SKImageInfo size = new(PngScale * width, PngScale * height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKBitmap bitmap = new(size);
        using (SKCanvas canvas = new(bitmap))
        {
            canvas.Clear(SKColors.White);
            canvas.Scale(PngScale);
            draw(canvas);
        }

        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        using MemoryStream svg = new();
        using (SKCanvas canvas = SKSvgCanvas.Create(SKRect.Create(width, height), svg))
        {
            canvas.Clear(SKColors.White);
            draw(canvas);
        }

        return new Picture(name, png.ToArray(), VectorFont.WithFallback(Encoding.UTF8.GetString(svg.ToArray())));
    }
}
