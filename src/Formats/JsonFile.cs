using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GpuConvnet.Formats;

/// <summary>Reads JSON files that this program wrote, which somebody may have damaged since.</summary>
public static class JsonFile
{
    /// <summary>
    /// The most bytes of a document: results keep so few evaluations that they stay far below it
    /// (<c>HistoryEntry</c>s are thinned).
    /// </summary>
    private const int MostBytes = 64 << 20;

    private const int LongestReason = 300;

    /// <summary>Reads a document.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="isWhole">Whether nothing is missing that the rest of the program relies on.</param>
    /// <param name="advice">What to do when it cannot be read, a sentence.</param>
    /// <exception cref="BadInputException">It cannot be read, or holds something else.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type, Func<T, bool> isWhole, string advice)
        where T : class =>
        ReadBytes(
            path, bytes => JsonSerializer.Deserialize(bytes, type) is { } value && isWhole(value) ? value : throw Incomplete(), advice);

    /// <summary>Reads a document that has to be looked at before it is known what it holds.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">
    /// Reads it; may throw <see cref="JsonException"/>, and by way of the element <see cref="InvalidOperationException"/>.
    /// </param>
    /// <param name="advice">What to do when it cannot be read, a sentence.</param>
    /// <exception cref="BadInputException">It cannot be read, or holds something else.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> read, string advice) => ReadBytes(
        path,
        bytes =>
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return read(document.RootElement);
        },
        advice);

    private static T ReadBytes<T>(string path, Func<byte[], T> read, string advice)
    {
        try
        {
            return read(RegularFile.Read(path, MostBytes));
        }
        catch (Exception failure) when (failure
            is JsonException or InvalidOperationException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            // InvalidOperationException: a text that is not valid Unicode. ArgumentException: a key that appears twice in a JsonObject.
            throw new BadInputException(
                $"{path} cannot be read: {Excerpt.Of(failure.Message, LongestReason)} {advice}".TrimEnd(), failure);
        }
    }

    /// <summary>A part of a document.</summary>
    /// <param name="element">The part.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="isWhole">Whether nothing is missing that the rest of the program relies on.</param>
    /// <exception cref="JsonException">It holds something else.</exception>
    public static T Read<T>(JsonElement element, JsonTypeInfo<T> type, Func<T, bool> isWhole)
        where T : class =>
        element.Deserialize(type) is { } value && isWhole(value)
            ? value
            : throw Incomplete();

    private static JsonException Incomplete() => new("something is missing in it.");
}
