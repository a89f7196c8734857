using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>How messages are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Message))]
internal sealed partial class MessageJson : JsonSerializerContext;
