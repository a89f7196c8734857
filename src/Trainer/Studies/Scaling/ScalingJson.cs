using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>How grids are read, and what they give is written; generated at compile time.</summary>
[JsonSerializable(typeof(ScalingGrid))]
[JsonSerializable(typeof(ScalingDefinition))]
[JsonSerializable(typeof(ScalingRun))]
[JsonSerializable(typeof(ScalingResult))]
internal sealed partial class ScalingJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static ScalingJson Relaxed => field ??= new(JsonLayout.Relaxed());

    /// <summary>The context for what a user wrote: with comments and trailing commas.</summary>
    public static ScalingJson Lenient => field ??= new(new JsonSerializerOptions(JsonLayout.Relaxed())
    {
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
    });
}
