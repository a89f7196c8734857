using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Views.Errors;

/// <summary>How reports of errors are written; generated at compile time.</summary>
[JsonSerializable(typeof(ErrorReport))]
internal sealed partial class ErrorJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static ErrorJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
