using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Runs.Checkpoints;

/// <summary>How a checkpoint's header is written; generated at compile time.</summary>
[JsonSerializable(typeof(CheckpointHeader))]
[JsonSerializable(typeof(HistoryEntry))]
internal sealed partial class CheckpointJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static CheckpointJson Compact => field ??= new(JsonLayout.Compact());
}
