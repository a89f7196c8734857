using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>How an <see cref="ExperimentConfiguration"/> is read and written; generated at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ExperimentConfiguration))]
internal sealed partial class ConfigurationJson : JsonSerializerContext
{
    /// <summary>The context with the names of <see cref="ConfigurationNames"/>.</summary>
    public static ConfigurationJson Named => Holder.Named;

    private static NamedValueConverter<T> Converter<T>(NameTable<T> names)
        where T : notnull => new(names);

    // In a type of its own: the static initialisers of the two halves of a partial type have no order.
    private static class Holder
    {
        public static readonly ConfigurationJson Named = new(new JsonSerializerOptions(Default.Options)
        {
            // Nothing here is embedded in HTML: an apostrophe may stay an apostrophe.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters =
            {
                new ConnectionsConverter(),
                new NetworkConverter(),
                Converter(ConfigurationNames.Dataset),
                Converter(ConfigurationNames.Order),
                Converter(ConfigurationNames.Shuffle),
                Converter(ConfigurationNames.Loss),
                Converter(ConfigurationNames.InitialWeights),
                Converter(ConfigurationNames.RandomNumbers),
                Converter(ConfigurationNames.ScheduleSpan),
                Converter(ConfigurationNames.Optimizer),
                Converter(ConfigurationNames.Schedule),
                Converter(ConfigurationNames.MatrixScale),
            },
        });
    }
}
