using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>How <see cref="DataFiles"/> are written on one line; generated at compile time.</summary>
[JsonSerializable(typeof(DataFiles))]
internal sealed partial class DataFilesJson : JsonSerializerContext
{
    /// <summary>The context; nothing here is embedded in HTML.</summary>
    public static DataFilesJson Compact => field ??= new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
