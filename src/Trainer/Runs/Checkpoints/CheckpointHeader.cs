using System.Text.Json.Serialization;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Checkpoints;

/// <summary>What a checkpoint's file says before the numbers.</summary>
/// <param name="Steps">The steps taken so far.</param>
/// <param name="Configuration">Which configuration it belongs to.</param>
/// <param name="TrainSeconds">The time spent training so far.</param>
/// <param name="EvaluateSeconds">The time spent evaluating so far.</param>
/// <param name="TotalSeconds">The time since the run began, breaks not counted.</param>
/// <param name="IsNormalized">Whether directions and lengths follow the parameters and the states.</param>
/// <param name="History">The first evaluation and the last, or none yet; in files of earlier versions all of them.</param>
/// <param name="States">The optimizer's vectors of state; null for two.</param>
/// <param name="Evaluations">How many evaluations there were; null where all are here.</param>
/// <param name="Kernels">Which kernels of a device took the steps; null where none did, or in files of earlier versions.</param>
internal sealed record CheckpointHeader(
    long Steps,
    string Configuration,
    double TrainSeconds,
    double EvaluateSeconds,
    double TotalSeconds,
    bool IsNormalized,
    IReadOnlyList<HistoryEntry> History,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? States = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Evaluations = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [property: JsonConverter(typeof(KernelsConverter))]
    KernelChoice? Kernels = null);
