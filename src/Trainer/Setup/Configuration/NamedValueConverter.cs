using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>
/// A choice in JSON by its exact names. For enumerations, the converter that comes with System.Text.Json would also take other
/// casings, which the schema, and so an editor, refuses.
/// </summary>
/// <typeparam name="T">The choice.</typeparam>
internal class NamedValueConverter<T>(NameTable<T> names) : JsonConverter<T>
    where T : notnull
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            string? name = reader.GetString();
            if (names.TryParse(name, out T? value))
            {
                return value;
            }

            throw new JsonException(
                $"expected one of {string.Join(", ", names.Names)}, found \"{Excerpt.Of(name)}\"{Suggestion.For(name, names.Names)}");
        }

        throw new JsonException($"expected one of {string.Join(", ", names.Names)}");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(names[value]);
}
