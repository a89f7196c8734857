using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>A trained network as text, every parameter with as many digits as it takes to read the same float32 back.</summary>
public static class ModelText
{
    /// <summary>
    /// The model as JSON: its metadata, and the parts in contract order with name, shape (row-major) and values.
    /// </summary>
    public static byte[] Json(SavedModel model)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata");
            foreach ((string key, string value) in model.Metadata)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
            writer.WriteStartArray("parts");
            foreach (ParameterPart part in model.Parts)
            {
                writer.WriteStartObject();
                writer.WriteString("name", part.Name);
                writer.WriteStartArray("shape");
                foreach (int side in part.Shape)
                {
                    writer.WriteNumberValue(side);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("values");
                foreach (float value in model.Parameters.AsSpan(part.Offset, part.Count))
                {
                    writer.WriteNumberValue(value);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return [.. stream.ToArray(), (byte)'\n'];
    }

    /// <summary>The model as comma-separated values: part, index in it (row-major) and value.</summary>
    public static byte[] Csv(SavedModel model)
    {
        StringBuilder table = new("part,index,value\n");
        foreach (ParameterPart part in model.Parts)
        {
            for (int index = 0; index < part.Count; index++)
            {
                table.Append(CultureInfo.InvariantCulture, $"{part.Name},{index},{model.Parameters[part.Offset + index]:R}\n");
            }
        }

        return Encoding.UTF8.GetBytes(table.ToString());
    }
}
