using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Studies.Benchmark;
using GpuConvnet.Trainer.Studies.Reproduction;
using GpuConvnet.Trainer.Studies.Sweep;
using GpuConvnet.Trainer.Studies.Verification;
using GpuConvnet.Trainer.Training;
using GpuConvnet.Trainer.Views.Errors;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>How results are written; generated at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(BatchSizeConverter), typeof(AcceleratorConverter), typeof(KernelsConverter)],
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(RunsResult))]
[JsonSerializable(typeof(RunEnvironment))]
[JsonSerializable(typeof(RunOrder))]
[JsonSerializable(typeof(IReadOnlyList<RunListing>))]
[JsonSerializable(typeof(CheckpointHeader))]
[JsonSerializable(typeof(ModelEvaluation))]
[JsonSerializable(typeof(ErrorReport))]
[JsonSerializable(typeof(PredictionResult))]
[JsonSerializable(typeof(GradientCheckResult))]
[JsonSerializable(typeof(DataInventory))]
[JsonSerializable(typeof(ReproductionResult))]
[JsonSerializable(typeof(VerificationResult))]
[JsonSerializable(typeof(BenchmarkResult))]
[JsonSerializable(typeof(SweepDefinition))]
[JsonSerializable(typeof(SweepRun))]
[JsonSerializable(typeof(SweepResult))]
[JsonSerializable(typeof(IReadOnlyList<DeviceDescription>))]
internal sealed partial class ResultJson : JsonSerializerContext
{
    /// <summary>The context for documents that are not embedded in HTML: an apostrophe stays an apostrophe.</summary>
    public static ResultJson Relaxed => Holder.Relaxed;

    /// <summary>The context for what no human reads: without line breaks.</summary>
    public static ResultJson Compact => Holder.Compact;

    // In a type of its own: the static initialisers of the two halves of a partial type have no order.
    private static class Holder
    {
        public static readonly ResultJson Relaxed = new(new JsonSerializerOptions(Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });

        public static readonly ResultJson Compact = new(new JsonSerializerOptions(Default.Options) { WriteIndented = false });
    }
}
