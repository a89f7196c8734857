using System.Text.Json;
using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Setup.Networks;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>A network in JSON: an object, which is looked into when the network is built.</summary>
internal sealed class NetworkConverter : JsonConverter<NetworkDescription>
{
    /// <inheritdoc/>
    public override NetworkDescription Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.StartObject
            ? new NetworkDescription(JsonElement.ParseValue(ref reader))
            : throw new JsonException("expected an object, such as { \"family\": \"1989\", \"width\": 2 } or { \"layers\": [ ... ] }");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, NetworkDescription value, JsonSerializerOptions options) =>
        value.WriteTo(writer);
}
