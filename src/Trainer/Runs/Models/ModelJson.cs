using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Runs.Models;

/// <summary>How an ensemble's members are written on one line; generated at compile time.</summary>
[JsonSerializable(typeof(EnsembleDescription))]
internal sealed partial class ModelJson : JsonSerializerContext
{
    /// <summary>The context; nothing here is embedded in HTML.</summary>
    public static ModelJson Compact => field ??= new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
