using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Studies.Verification;

/// <summary>How verifications are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(VerificationResult))]
internal sealed partial class VerificationJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static VerificationJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
