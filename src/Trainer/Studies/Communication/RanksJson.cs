using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Studies.Communication;

/// <summary>How the times of ranks are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(RanksResult))]
internal sealed partial class RanksJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static RanksJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
