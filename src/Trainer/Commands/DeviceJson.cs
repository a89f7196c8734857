using System.Text.Json.Serialization;
using GpuConvnet.Kernels.Accelerators;

namespace GpuConvnet.Trainer.Commands;

/// <summary>How lists of devices are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<DeviceDescription>))]
internal sealed partial class DeviceJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static DeviceJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
