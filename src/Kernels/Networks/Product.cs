using GpuConvnet.Kernels.Compilation;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>A product of small matrices, one for each head of each example, compiled for its sizes.</summary>
internal abstract class Product
{
    /// <summary>Compiles the kernel of a product.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="terms">Terms of each sum.</param>
    /// <param name="left">The left matrix.</param>
    /// <param name="right">The right one, transposed: its columns as rows.</param>
    /// <param name="product">The product.</param>
    public static Product Create(
        KernelLoader loader, int lanes, int heads, int terms, HeadMatrix left, HeadMatrix right, HeadMatrix product) =>
        SizeTypes.Create<Product>(
            typeof(ProductLauncher<>),
            [
                SizeTypes.Of(
                    typeof(ProductSizes<,,,,,,,,,,,,,,,,>), lanes, heads, left.Rows, right.Rows, terms,
                    left.Block, left.Head, left.Row, left.Column, right.Block, right.Head, right.Row, right.Column,
                    product.Block, product.Head, product.Row, product.Column),
            ],
            loader);

    /// <summary>Queues product = left * right * scale.</summary>
    public abstract void Multiply(
        in DevicePass pass, ArrayView<float> left, ArrayView<float> right, float scale, ArrayView<float> product);
}
