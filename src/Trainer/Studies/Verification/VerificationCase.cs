using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Trainer.Studies.Verification;

/// <summary>What an engine under test is created for.</summary>
/// <param name="Network">The network's activations and loss.</param>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="Train">Its training examples, which are also its largest batch.</param>
/// <param name="Test">Its test examples.</param>
internal sealed record VerificationCase(NetworkOptions Network, Optimizer Optimizer, Examples Train, Examples Test)
{
    /// <summary>The most bytes for activations and deltas; 0 for what the device has.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>Whether some of its perturbation distorts images.</summary>
    public bool Distorts { get; init; }

    /// <summary>Which kernels a device is to use.</summary>
    public KernelChoice Kernels { get; init; } = KernelChoice.Layers;

    /// <summary>Whether the network is trained as any network is, layer by layer, not by what is cut for 1989.</summary>
    public bool AsLayers { get; init; }

    /// <summary>The probability, with <see cref="AsLayers"/>, of dropping a unit of H2 where the perturbation drops some.</summary>
    public const float Dropout = 0.25f;
}
