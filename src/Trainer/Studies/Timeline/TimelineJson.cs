using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>How timelines are written; generated at compile time.</summary>
[JsonSerializable(typeof(TimelineResult))]
internal sealed partial class TimelineJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static TimelineJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
