using System.Text.Json.Serialization;

namespace GpuConvnet.Kernels.Choosing;

/// <summary>How a kept choice is written; generated at compile time.</summary>
[JsonSourceGenerationOptions(
    UseStringEnumConverter = true, WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(KeptChoice))]
internal sealed partial class ChoiceJson : JsonSerializerContext;
