using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>Writes numbers with seven digits, which is all that a curve can show, and those that JSON has no word for as null.</summary>
internal sealed class FiniteNumberConverter : JsonConverter<double>
{
    private const int Digits = 7;

    /// <inheritdoc/>
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (!double.IsFinite(value))
        {
            writer.WriteNullValue();
            return;
        }

        Span<char> text = stackalloc char[32];
        writer.WriteRawValue(
            value.TryFormat(text, out int length, $"G{Digits}", System.Globalization.CultureInfo.InvariantCulture)
                ? text[..length]
                : throw new FormatException($"{value} has more than {text.Length} characters."));
    }
}
