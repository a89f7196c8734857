using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>A batch in JSON: <c>"full"</c> or a positive whole number.</summary>
internal sealed class BatchSizeConverter : JsonConverter<BatchSize>
{
    /// <inheritdoc/>
    public override BatchSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int examples) && examples > 0)
        {
            return new BatchSize(examples);
        }

        if (reader.TokenType == JsonTokenType.String && reader.GetString() == BatchSize.FullName)
        {
            return BatchSize.Full;
        }

        throw new JsonException();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BatchSize value, JsonSerializerOptions options)
    {
        if (value.Examples is int examples)
        {
            writer.WriteNumberValue(examples);
        }
        else
        {
            writer.WriteStringValue(BatchSize.FullName);
        }
    }
}
