using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>Memory for what lies with a border, which is written once: layers write what is inside only.</summary>
internal static class Borders
{
    /// <summary>Allocates memory and writes its border.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="owner">Whose memory it is.</param>
    /// <param name="blocks">Blocks that there is to be room for.</param>
    /// <param name="places">Places of a block.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <param name="border">The border.</param>
    /// <returns>(blocks, places, lanes).</returns>
    public static ArrayView<float> Allocate(
        KernelLoader loader, OwnedBuffers owner, int blocks, int places, int lanes, (int Width, float Value) border)
    {
        ArrayView<float> memory = owner.Add(loader.Accelerator.Allocate1D<float>((long)blocks * places * lanes)).View;
        if (border.Width > 0)
        {
            loader.LoadAutoGrouped<Index1D, float, ArrayView<float>>(KernelKind.FillBorder, ImageKernels.Fill, out var fill);
            fill((int)memory.Length, border.Value, memory);
        }

        return memory;
    }
}
