using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>What the program's pages have in common: one file each, with one style, which asks the network for nothing.</summary>
internal static partial class HtmlPage
{
    /// <summary>What a page says it was made by: a file that says so may be replaced.</summary>
    public const string Generator = "GpuConvnet trainer report";

    /// <summary>Fills a page.</summary>
    /// <param name="name">The resource that it is made of.</param>
    /// <param name="script">Its script; empty for none.</param>
    /// <param name="places">What goes where, as HTML.</param>
    /// <param name="moreStyle">What it has beyond the style of all.</param>
    public static byte[] Fill(string name, string script, Dictionary<string, string> places, string moreStyle = "")
    {
        string style = Resource("style.css") + moreStyle;
        Dictionary<string, string> all = new(places)
        {
            ["style"] = style,
            ["styleHash"] = Hash(style),
            ["script"] = script,
            ["scriptHash"] = Hash(script),
            ["generator"] = Generator,
        };

        // Pages ask nobody for anything, unless they say whom.
        all.TryAdd("connect", "");

        // In one pass: a name or a description that looks like a place stays what it is.
        string page = Part().Replace(Resource(name), part => Resource($"{part.Groups[1].Value}.html"));
        return Encoding.UTF8.GetBytes(Place().Replace(page, place => all[place.Groups[1].Value]));
    }

    /// <summary>A picture for light and for dark screens.</summary>
    /// <param name="light">An SVG.</param>
    /// <param name="dark">Another.</param>
    /// <param name="shows">What they show.</param>
    public static string Figure(byte[] light, byte[] dark, string shows)
    {
        return $"<figure class=\"curve\">{Image(light, "light")}{Image(dark, "dark")}</figure>\n";

        string Image(byte[] svg, string theme) =>
            $"<img class=\"{theme}\" alt=\"{Escape(shows)}\" src=\"data:image/svg+xml;base64,{Convert.ToBase64String(svg)}\">";
    }

    /// <summary>A table; the first cell of a row heads it.</summary>
    public static string Table(IEnumerable<string> header, IEnumerable<string[]> rows)
    {
        StringBuilder table = new("<table><thead><tr>");
        foreach (string cell in header)
        {
            table.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{Escape(cell)}</th>");
        }

        table.Append("</tr></thead><tbody>\n");
        foreach (string[] row in rows)
        {
            table.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Escape(row[0])}</th>");
            foreach (string cell in row[1..])
            {
                table.Append(CultureInfo.InvariantCulture, $"<td>{Escape(cell)}</td>");
            }

            table.Append("</tr>\n");
        }

        return table.Append("</tbody></table>").ToString();
    }

    /// <summary>What is shown when asked for.</summary>
    /// <param name="summary">What it is.</param>
    /// <param name="text">Its text, as it is.</param>
    public static string Details(string summary, string text) =>
        $"<details><summary>{Escape(summary)}</summary><pre tabindex=\"0\">{Escape(text)}</pre></details>";

    /// <summary>Text as HTML.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A part of a page that the program carries.</summary>
    public static string Resource(string name)
    {
        using Stream stream = typeof(HtmlPage).Assembly.GetManifestResourceStream($"page/{name}")
            ?? throw new InvalidOperationException($"The page's {name} is not in the program.");
        using StreamReader reader = new(stream, Encoding.UTF8);

        // A browser hashes a script with the line ends that its parser makes of it.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    /// <summary>Where a page has a part in common with others.</summary>
    [GeneratedRegex(@"\{\{>(\w+)\}\}\n")]
    private static partial Regex Part();

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Place();
}
