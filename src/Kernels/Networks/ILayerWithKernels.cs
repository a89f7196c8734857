using GpuConvnet.Model.Layers;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// What a <see cref="Layer"/> of one's own implements beside its plain mathematics, so that devices can train it:
/// <see cref="Training.AcceleratorTrainer"/> then launches its kernels where its turn comes.
/// <see cref="Model.Verification.NetworkVerification.OfTrainer"/> holds them to the layer.
/// </summary>
public interface ILayerWithKernels
{
    /// <summary>Compiles the layer's kernels for a device, as by ILGPU's <c>LoadStreamKernel</c>.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="lanes">Examples of a block, which are the threads of a group: a power of 2 up to 64.</param>
    /// <param name="outputBorder">
    /// The width of the border that output maps lie in, (blocks, maps, rows + 2 * border, columns + 2 * border, lanes): above 0 where a
    /// convolution with padding follows. The border itself is filled already, and gradients and the input have none.
    /// </param>
    /// <returns>The kernels, which are disposed of with what trains.</returns>
    DeviceLayer CreateKernels(Accelerator accelerator, int lanes, int outputBorder);
}
