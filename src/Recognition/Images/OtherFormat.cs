using System.Text;

namespace GpuConvnet.Recognition.Images;

/// <summary>A format of pictures that is known and not read, and what makes another of it.</summary>
/// <param name="Article">"a" or "an".</param>
/// <param name="Name">The format's name.</param>
/// <param name="Remedy">What to convert it by.</param>
internal sealed record OtherFormat(string Article, string Name, string Remedy)
{
    private static readonly OtherFormat s_heic = new(
        "a", "HEIC",
        "Convert it: 'heif-convert photo.heic photo.jpg' (Debian's libheif-examples), on macOS 'sips -s format jpeg photo.heic "
        + "--out photo.jpg'; an iPhone saves JPEG with Settings, Camera, Formats, Most Compatible.");

    private static readonly OtherFormat s_avif = new(
        "an", "AVIF", "Convert it: 'avifdec picture.avif picture.png' (libavif-bin), or 'magick picture.avif picture.png'.");

    private static readonly OtherFormat s_tiff = new(
        "a", "TIFF",
        "Convert it: 'magick scan.tif scan.png' (ImageMagick), 'tiff2rgba' (libtiff-tools), on macOS 'sips -s format png scan.tif --out scan.png'; "
        + "or scan to PNG or JPEG.");

    private static readonly OtherFormat s_jpegXl = new(
        "a", "JPEG XL", "Convert it: 'djxl picture.jxl picture.png' (libjxl-tools).");

    private static readonly OtherFormat s_jpeg2000 = new(
        "a", "JPEG 2000", "Convert it: 'opj_decompress -i picture.jp2 -o picture.png' (libopenjp2-tools).");

    private static readonly OtherFormat s_pdf = new(
        "a", "PDF", "Make pictures of its pages: 'pdftoppm -png document.pdf page' (poppler-utils).");

    private static readonly OtherFormat s_svg = new(
        "an", "SVG", "Make pixels of it: 'rsvg-convert drawing.svg -o drawing.png' (librsvg2-bin).");

    private static readonly Dictionary<string, OtherFormat> s_endings = new(StringComparer.OrdinalIgnoreCase)
    {
        [".heic"] = s_heic,
        [".heif"] = s_heic,
        [".hif"] = s_heic,
        [".avif"] = s_avif,
        [".tif"] = s_tiff,
        [".tiff"] = s_tiff,
        [".jxl"] = s_jpegXl,
        [".jp2"] = s_jpeg2000,
        [".pdf"] = s_pdf,
        [".svg"] = s_svg,
    };

    /// <summary>By a file's first bytes.</summary>
    /// <param name="content">The file.</param>
    /// <returns>The format; null where it is another or none.</returns>
    public static OtherFormat? Of(ReadOnlySpan<byte> content)
    {
        if (content.Length >= 12 && content[4..8].SequenceEqual("ftyp"u8))
        {
            // The brand, and those that it is compatible with.
            string brands = Encoding.Latin1.GetString(content[8..Math.Min(content.Length, 40)]);
            return brands.Contains("avif", StringComparison.Ordinal) || brands.Contains("avis", StringComparison.Ordinal) ? s_avif
                : brands.StartsWith("hei", StringComparison.Ordinal) || brands.StartsWith("hev", StringComparison.Ordinal)
                    || brands.Contains("heic", StringComparison.Ordinal) || brands.StartsWith("mif1", StringComparison.Ordinal) ? s_heic
                : null;
        }

        return content.StartsWith("II*\0"u8) || content.StartsWith("MM\0*"u8) || content.StartsWith("II+\0"u8) ? s_tiff
            : content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || (content.Length > 8 && content[4..8].SequenceEqual("JXL "u8)) ? s_jpegXl
            : content.Length > 8 && content[4..8].SequenceEqual("jP  "u8) ? s_jpeg2000
            : content.StartsWith("%PDF-"u8) ? s_pdf
            : content.StartsWith("<svg"u8) || (content.StartsWith("<?xml"u8) && content[..Math.Min(content.Length, 512)].IndexOf("<svg"u8) > 0) ? s_svg
            : null;
    }

    /// <summary>By a file's name.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The format; null where it is another or none.</returns>
    public static OtherFormat? OfName(string path) => s_endings.GetValueOrDefault(Path.GetExtension(path));
}
