using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>How reproductions are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReproductionResult))]
internal sealed partial class ReproductionJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static ReproductionJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
