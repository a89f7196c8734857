namespace GpuConvnet.Kernels.Training;

/// <summary>Which kernels take a training step; they compute the same, in sums of another order.</summary>
public enum KernelChoice
{
    /// <summary>
    /// The fused ones where they can train the network, but for ILGPU's CPU accelerator; otherwise the layers'.
    /// </summary>
    Auto,

    /// <summary>A launch per layer and direction, activations in memory: the readable form.</summary>
    Layers,

    /// <summary>Two launches, activations on the chip.</summary>
    Fused,

    /// <summary>Two launches, activations on the chip, sums by tensor cores; for CUDA from compute capability 8.0.</summary>
    Tensor,
}
