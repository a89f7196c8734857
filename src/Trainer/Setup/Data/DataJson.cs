using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>How inventories are written; generated at compile time.</summary>
[JsonSerializable(typeof(DataInventory))]
internal sealed partial class DataJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static DataJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
