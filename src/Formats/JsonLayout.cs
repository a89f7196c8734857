using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuConvnet.Formats;

/// <summary>
/// How the program's JSON documents are laid out: the options that every feature's generated context is made with. Names are
/// in camel case, and what is null is left out.
/// </summary>
public static class JsonLayout
{
    /// <summary>For documents that are not embedded in HTML: indented, and an apostrophe stays an apostrophe.</summary>
    /// <returns>Options of the caller's own, for one context.</returns>
    public static JsonSerializerOptions Relaxed() => new(Compact())
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>For what no human reads: without line breaks.</summary>
    /// <returns>Options of the caller's own, for one context.</returns>
    public static JsonSerializerOptions Compact() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        NewLine = "\n",
    };
}
