using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>How it is written: nothing in it can end the script element that it stands in.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReportData))]
internal sealed partial class ReportDataJson : JsonSerializerContext;
