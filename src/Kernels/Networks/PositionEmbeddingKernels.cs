using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// A parameter added to every unit, whose plain twin is <c>Model/Layers/PositionEmbedding</c>. The gradient by the input is that
/// by the output; that by the parameters is <see cref="BiasKernels"/>'s. Grid: (sixteen units, block).
/// </summary>
internal static class PositionEmbeddingKernels
{
    /// <summary>output = input + parameter.</summary>
    /// <param name="input">(blocks, tokens, features, lanes).</param>
    /// <param name="added">(tokens, features).</param>
    /// <param name="output">(blocks, tokens, features, lanes); may be the input.</param>
    public static void Forward<TSizes>(ArrayView<float> input, ArrayView<float> added, ArrayView<float> output)
        where TSizes : struct, IUnitSizes
    {
        int first = Grid.IdxX * UnitPlace.UnitsOfThread;
        for (int unit = first; unit < first + UnitPlace.UnitsOfThread && unit < TSizes.Units; unit++)
        {
            int place = UnitPlace.Bordered<TSizes>(unit);
            output[place] = input[place] + added[unit];
        }
    }
}
