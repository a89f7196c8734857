using GpuConvnet.Kernels.Compilation;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of one of <see cref="AttentionKernels"/>' products.</summary>
/// <typeparam name="TSizes">Its sizes.</typeparam>
internal sealed class ProductLauncher<TSizes> : Product
    where TSizes : struct, IProductSizes
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, float, ArrayView<float>> _multiply;

    /// <summary>Compiles the kernel.</summary>
    /// <param name="loader">The device's.</param>
    public ProductLauncher(KernelLoader loader) =>
        loader.Load(KernelKind.AttentionProduct, AttentionKernels.Multiply<TSizes>, out _multiply);

    /// <inheritdoc/>
    public override void Multiply(
        in DevicePass pass, ArrayView<float> left, ArrayView<float> right, float scale, ArrayView<float> product)
    {
        int tiles = Tiles.Count(TSizes.Rows, AttentionKernels.Tile) * Tiles.Count(TSizes.Columns, AttentionKernels.Tile);
        _multiply(pass.OverBlocks(TSizes.Heads * tiles), left, right, scale, product);
    }
}
