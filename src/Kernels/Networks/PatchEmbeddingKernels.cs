using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// Maps cut into square patches, a token each, (maps, rows, columns) to (patches, values of a patch), of which
/// <see cref="DenseKernels"/> make features. The plain twin of both is <c>Model/Layers/PatchEmbedding</c>. A patch's values lie
/// as a convolution's weights do: (maps, rows, columns). Grid: (sixteen values, block).
/// </summary>
internal static class PatchEmbeddingKernels
{
    /// <summary>From maps to patches.</summary>
    /// <param name="input">(blocks, maps, rows, columns, lanes).</param>
    /// <param name="output">(blocks, patches, values, lanes).</param>
    public static void Cut<TSizes>(ArrayView<float> input, ArrayView<float> output)
        where TSizes : struct, IPatchSizes
    {
        int first = Grid.IdxX * UnitPlace.UnitsOfThread;
        for (int value = first; value < first + UnitPlace.UnitsOfThread && value < Values<TSizes>(); value++)
        {
            output[Place<TSizes>(value)] = input[Place<TSizes>(Source<TSizes>(value))];
        }
    }

    /// <summary>From the patches' gradient to the maps'.</summary>
    /// <param name="deltas">(blocks, patches, values, lanes), the output's gradient.</param>
    /// <param name="gradient">(blocks, maps, rows, columns, lanes), the input's gradient.</param>
    public static void Join<TSizes>(ArrayView<float> deltas, ArrayView<float> gradient)
        where TSizes : struct, IPatchSizes
    {
        int first = Grid.IdxX * UnitPlace.UnitsOfThread;
        for (int value = first; value < first + UnitPlace.UnitsOfThread && value < Values<TSizes>(); value++)
        {
            gradient[Place<TSizes>(Source<TSizes>(value))] = deltas[Place<TSizes>(value)];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Values<TSizes>()
        where TSizes : struct, IPatchSizes => TSizes.Maps * TSizes.Rows * TSizes.Columns;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place<TSizes>(int value)
        where TSizes : struct, IPatchSizes => (Grid.IdxY * Values<TSizes>() + value) * TSizes.Lanes + Group.IdxX;

    /// <summary>Where a patch's value is among the maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Source<TSizes>(int value)
        where TSizes : struct, IPatchSizes
    {
        int ofPatch = TSizes.Maps * TSizes.Patch * TSizes.Patch;
        int across = TSizes.Columns / TSizes.Patch;
        int patch = value / ofPatch;
        int map = value % ofPatch / (TSizes.Patch * TSizes.Patch);
        int row = patch / across * TSizes.Patch + value / TSizes.Patch % TSizes.Patch;
        int column = patch % across * TSizes.Patch + value % TSizes.Patch;
        return (map * TSizes.Rows + row) * TSizes.Columns + column;
    }
}
