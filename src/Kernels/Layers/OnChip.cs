using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Layers;

/// <summary>What kernels can do that keep a network's activations in the shared memory of a group of threads.</summary>
internal static class OnChip
{
    /// <summary>Why a network cannot be trained so on any device; null if it can.</summary>
    public static string? UnsupportedReason(NetworkOptions options) =>
        options.Shape.UnsupportedReason is { } reason ? reason
        : options.Hidden.DerivativeNeedsSum
            ? $"{options.Hidden.Name.ToUpperInvariant()}'s slopes would need more shared memory than there is"
        : !options.Connections.IsGrouped ? "four neighbouring maps of H2 must read the same maps of H1"
        : options.WeightNormalization ? "weight normalization needs the gradient itself"
        : null;

    /// <summary>Why an optimizer cannot take such steps on any device; null if it can.</summary>
    public static string? UnsupportedReason(Optimizer optimizer) =>
        optimizer.UsesCurvature ? $"{optimizer} needs second derivatives, for which there is no room on the chip" : null;

    /// <summary>Why a device cannot run such a group; null if it can.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="threads">The group's threads.</param>
    /// <param name="bytes">Its shared memory.</param>
    public static string? UnsupportedReason(Accelerator accelerator, int threads, int bytes) =>
        accelerator.MaxNumThreadsPerGroup < threads
            ? $"it takes groups of {threads} threads, and the device has {accelerator.MaxNumThreadsPerGroup}"
        : accelerator.MaxSharedMemoryPerGroup < bytes
            ? $"it takes {bytes} bytes of shared memory, and the device has {accelerator.MaxSharedMemoryPerGroup}"
        : null;
}
