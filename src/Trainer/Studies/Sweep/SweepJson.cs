using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>How sweeps are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(SweepDefinition))]
[JsonSerializable(typeof(SweepRun))]
[JsonSerializable(typeof(SweepResult))]
internal sealed partial class SweepJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static SweepJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
