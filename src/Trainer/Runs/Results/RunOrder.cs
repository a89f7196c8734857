using System.Text.Json.Serialization;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What, beside its configuration, a run needs to be taken up again: what <c>order.json</c> holds.</summary>
/// <param name="Accelerators">What trains each stage; <c>auto</c> has been decided, so that the same goes on.</param>
/// <param name="Device">Which device of that kind, from 0; null for the first.</param>
/// <param name="Kernels">Which kernels a device uses.</param>
/// <param name="Runs">How many seeds; null for a single run.</param>
/// <param name="CheckpointEvery">How often checkpoints are written; null for every few seconds.</param>
/// <param name="KeepCheckpoints">How many are kept.</param>
/// <param name="Events">Whether files for TensorBoard are written.</param>
/// <param name="Replicas">Whether the seeds are trained at once, on a device.</param>
/// <param name="EveryDevice">Whether every device of that kind trains, a seed each.</param>
/// <param name="Pins">What each stage was begun with; null in the order of an earlier version.</param>
internal sealed record RunOrder(
    IReadOnlyList<AcceleratorKind> Accelerators,
    int? Device,
    [property: JsonConverter(typeof(KernelsConverter))] KernelChoice Kernels,
    int? Runs,
    int? CheckpointEvery,
    int KeepCheckpoints,
    bool Events = true,
    bool Replicas = false,
    bool EveryDevice = false,
    IReadOnlyList<RunPin>? Pins = null)
{
    /// <summary>The most seeds of a run.</summary>
    public const int MostRuns = 10_000;

    /// <summary>Whether what a file said is an order that can be carried out.</summary>
    [JsonIgnore]
    public bool IsWhole => Pins?.Contains(null!) != true && this is
    {
        Accelerators.Count: > 0,
        Device: null or >= 0,
        Runs: null or (> 0 and <= MostRuns),
        CheckpointEvery: null or >= 0,
        KeepCheckpoints: > 0,
        Pins: null or { Count: > 0 },
    };
}
