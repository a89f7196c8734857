using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>How a network's description is written on one line; generated at compile time.</summary>
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class NetworkJson : JsonSerializerContext
{
    /// <summary>The context; nothing here is embedded in HTML.</summary>
    public static NetworkJson Compact => field ??= new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
