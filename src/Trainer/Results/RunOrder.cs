namespace GpuConvnet.Trainer.Results;

/// <summary>What, beside its configuration, a run needs to be taken up again: what <c>order.json</c> holds.</summary>
/// <param name="Accelerators">What trains each stage; <c>auto</c> has been decided, so that the same goes on.</param>
/// <param name="Device">Which device of that kind, from 0; null for the first.</param>
/// <param name="Kernels">Which kernels a device uses.</param>
/// <param name="Runs">How many seeds; null for a single run.</param>
/// <param name="CheckpointEvery">How often checkpoints are written; null for every few seconds.</param>
/// <param name="KeepCheckpoints">How many are kept.</param>
internal sealed record RunOrder(
    IReadOnlyList<string> Accelerators, int? Device, string Kernels, int? Runs, int? CheckpointEvery, int KeepCheckpoints);
