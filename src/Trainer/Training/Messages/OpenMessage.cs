using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>Asks a worker to get ready what trains.</summary>
/// <param name="Accelerator">What that is; never auto.</param>
/// <param name="Device">Which device of that kind, from 0; null for one per rank of a machine, in turn.</param>
/// <param name="IsEvery">Whether it is every device of that kind.</param>
/// <param name="Kernels">Which kernels a device uses.</param>
/// <param name="Configuration">An experiment that is to be trained there.</param>
/// <param name="Jobs">How many runs on the CPU to train at a time; null for one per core.</param>
/// <param name="DataFolder">The folder of data sets.</param>
/// <param name="Folder">A folder that the worker has to see; null for none.</param>
internal sealed record OpenMessage(
    AcceleratorKind Accelerator,
    int? Device,
    bool IsEvery,
    KernelChoice Kernels,
    string Configuration,
    int? Jobs,
    string DataFolder,
    string? Folder) : Message;
