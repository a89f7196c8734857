using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>How a page is told; generated at compile time. A loss that is no number is null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(FiniteNumberConverter)])]
[JsonSerializable(typeof(LiveMessage))]
[JsonSerializable(typeof(LiveSubject))]
[JsonSerializable(typeof(IReadOnlyList<LiveDigit>))]
internal sealed partial class LiveJson : JsonSerializerContext;
