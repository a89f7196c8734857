using System.Text.Json;
using System.Text.Json.Serialization;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>H2's connection table in JSON: twelve lists of eight maps of H1.</summary>
internal sealed class ConnectionsConverter : JsonConverter<H2Connections>
{
    private const string Expected = "expected 12 lists, one a map of H2, of 8 different maps of H1 each, from 0 to 11";

    /// <inheritdoc/>
    public override H2Connections Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        List<List<int>> table = [];
        Require(reader.TokenType == JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Require(reader.TokenType == JsonTokenType.StartArray);
            List<int> list = [];
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                int map = 0;
                Require(reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out map));
                list.Add(map);
            }

            table.Add(list);
        }

        try
        {
            return new H2Connections(table);
        }
        catch (ArgumentException failure)
        {
            throw new JsonException($"{Expected}; {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, H2Connections value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToString());

    private static void Require(bool isSo)
    {
        if (!isSo)
        {
            throw new JsonException(Expected);
        }
    }
}
