using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>How results are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(RunsResult))]
[JsonSerializable(typeof(RunEnvironment))]
[JsonSerializable(typeof(RunOrder))]
[JsonSerializable(typeof(RunDivergence))]
[JsonSerializable(typeof(ModelEvaluation))]
[JsonSerializable(typeof(PredictionResult))]
[JsonSerializable(typeof(NumbersResult))]
[JsonSerializable(typeof(GradientCheckResult))]
internal sealed partial class ResultJson : JsonSerializerContext
{
    /// <summary>The context, with the layout of all results.</summary>
    public static ResultJson Relaxed => field ??= new(JsonLayout.Relaxed());
}
