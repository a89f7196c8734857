using System.Text;
using System.Text.RegularExpressions;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>
/// The typeface of pictures as SVG. Skia names the one that it measured with and nothing else. The program carries it, but who
/// looks at the file seldom has it, and viewers take a serif face for an unknown one.
/// </summary>
internal static partial class VectorFont
{
    private const string Regular = "font-family=\"Inter\"";

    // Skia takes the weight from the file, which says 500; at that most other typefaces would be regular.
    private const string SemiBold = "font-weight=\"500\" font-family=\"Inter SemiBold\"";
    private const string Otherwise = "Helvetica, Arial, sans-serif";

    /// <summary>A picture whose texts are without serifs everywhere.</summary>
    /// <param name="svg">As Skia writes it.</param>
    /// <returns>In UTF-8.</returns>
    public static byte[] WithFallback(string svg) => Encoding.UTF8.GetBytes(PlacesOfLetters().Replace(svg, "x=\"$1\"")
        .Replace(Regular, $"font-family=\"Inter, {Otherwise}\"", StringComparison.Ordinal)
        .Replace(SemiBold, $"font-weight=\"600\" font-family=\"Inter SemiBold, Inter, {Otherwise}\"", StringComparison.Ordinal));

    // Skia places letter by letter, as its own typeface has them: those of another would overlap. The first is enough.
    [GeneratedRegex("x=\"(-?[0-9.e-]+), [^\"]*\"")]
    private static partial Regex PlacesOfLetters();
}
