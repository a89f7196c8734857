using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>
/// Where each value of a configuration stands, and what is wrong with its keys. System.Text.Json finds the same faults,
/// but its messages speak of members and converters; ours name the line, the key and the key that was probably meant.
/// </summary>
internal sealed class JsonLocations
{
    private readonly Dictionary<string, (int Line, string Text)> _values = [];

    private JsonLocations()
    {
    }

    /// <summary>Reads a whole document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="type">What it should describe.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    /// <exception cref="JsonFaultException">A key is unknown, appears twice or is missing, or a value is null.</exception>
    public static JsonLocations Read(ReadOnlySpan<byte> json, JsonTypeInfo type)
    {
        JsonLocations locations = new();
        Utf8JsonReader reader = new(json, new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = 16,
        });
        reader.Read();
        locations.ReadValue(ref reader, json, "$", type);

        // Reading on finds what follows the value.
        while (reader.Read())
        {
        }

        return locations;
    }

    /// <summary>The line, from 1, of the value at a path; of the nearest value around it when it is not there.</summary>
    public int LineOf(string path) => Nearest(path).Line;

    /// <summary>The value at a path as it is written, shortened.</summary>
    public string TextOf(string path) => Nearest(path).Text;

    private (int Line, string Text) Nearest(string path)
    {
        while (!_values.ContainsKey(path) && path.LastIndexOfAny(['.', '[']) is int end and > 0)
        {
            path = path[..end];
        }

        return _values.GetValueOrDefault(path, (1, ""));
    }

    private void ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string path, JsonTypeInfo? type)
    {
        int line = Line(json, reader.TokenStartIndex);
        _values[path] = (line, Shorten(reader));
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                throw new JsonFaultException(path, line, "null is not a value; leave the key out for its default");
            case JsonTokenType.StartArray:
                for (int index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
                {
                    ReadValue(ref reader, json, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), type: null);
                }

                break;
            case JsonTokenType.StartObject when type?.Kind is null or JsonTypeInfoKind.Object or JsonTypeInfoKind.None:
                ReadObject(ref reader, json, path, line, type?.Kind == JsonTypeInfoKind.Object ? type : null);
                break;
            case JsonTokenType.StartObject:
                reader.Skip();
                break;
            default:
                break;
        }
    }

    /// <summary>Reads an object; of what type it is, null where whoever reads it looks at the keys itself.</summary>
    private void ReadObject(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string path, int line, JsonTypeInfo? type)
    {
        HashSet<string> seen = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            int keyLine = Line(json, reader.TokenStartIndex);
            JsonPropertyInfo? property = type is null ? null : Property(type, key)
                ?? throw new JsonFaultException($"{path}.{Excerpt.Of(key)}", keyLine, $"unknown key '{Excerpt.Of(key)}'"
                    + (Suggestion.For(key, Keys(type)) is { Length: > 0 } suggestion
                        ? suggestion
                        : $"; known keys: {string.Join(", ", Keys(type).Where(known => known[0] != '$'))}"));
            if (!seen.Add(key))
            {
                throw new JsonFaultException($"{path}.{key}", keyLine, $"the key '{key}' appears twice; remove one");
            }

            reader.Read();
            ReadValue(
                ref reader, json, $"{path}.{key}", property is null ? null : type!.Options.GetTypeInfo(property.PropertyType));
        }

        if (type?.Properties.FirstOrDefault(known => known.IsRequired && !seen.Contains(known.Name)) is { } missing)
        {
            throw new JsonFaultException(path, line, $"the key '{missing.Name}' is missing");
        }
    }

    private static JsonPropertyInfo? Property(JsonTypeInfo type, string key) =>
        type.Properties.FirstOrDefault(known => known.Name == key && IsRead(known));

    private static IEnumerable<string> Keys(JsonTypeInfo type) =>
        type.Properties.Where(IsRead).Select(known => known.Name);

    private static bool IsRead(JsonPropertyInfo property) => property.Set is not null;

    private static string Shorten(Utf8JsonReader reader)
    {
        const int Longest = 40;
        string text = reader.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.String => $"\"{reader.GetString()}\"",
            _ => Encoding.UTF8.GetString(reader.ValueSpan),
        };
        return Excerpt.Of(text, Longest);
    }

    private static int Line(ReadOnlySpan<byte> json, long position) =>
        1 + json[..(int)position].Count((byte)'\n');
}
