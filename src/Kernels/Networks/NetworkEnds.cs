using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>What comes before the layers and after them: images and losses.</summary>
internal abstract class NetworkEnds
{
    /// <summary>Queues the copy of images.</summary>
    /// <param name="pass">Blocks and perturbation.</param>
    /// <param name="images">(256, stride): one row per pixel, this launch's examples first in it.</param>
    /// <param name="stride">Examples from one row of images to the next.</param>
    /// <param name="count">Examples of this launch.</param>
    public abstract void Load(in DevicePass pass, ArrayView<float> images, int stride, int count);

    /// <summary>Queues the loss's gradient by the outputs, where the way back begins.</summary>
    /// <param name="pass">Blocks; as its output the outputs, and their gradient.</param>
    /// <param name="labels">This launch's digits first.</param>
    /// <param name="count">Examples of this launch.</param>
    /// <param name="targets">What the outputs should be.</param>
    /// <param name="scale">The factor of every derivative.</param>
    public abstract void Backward(in DevicePass pass, ArrayView<byte> labels, int count, Targets targets, float scale);

    /// <summary>Queues the sums of blocks' losses and misses.</summary>
    /// <param name="pass">Blocks, and as its output the outputs.</param>
    /// <param name="labels">This launch's digits first.</param>
    /// <param name="count">Examples of this launch.</param>
    /// <param name="losses">Takes each block's loss.</param>
    /// <param name="misses">Takes each block's misses.</param>
    /// <param name="firstBlock">Where in them.</param>
    public abstract void Evaluate(
        in DevicePass pass, ArrayView<byte> labels, int count, ArrayView<float> losses, ArrayView<int> misses, int firstBlock);
}
