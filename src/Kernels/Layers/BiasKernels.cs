using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>The gradient of every bias, of all layers at once: the sum of its unit's deltas over the examples.</summary>
internal static class BiasKernels
{
    private const int BlockRows = 20;

    /// <summary>Groups a slice that <see cref="Backward"/> takes: twenty units each.</summary>
    public static int Tiles() => (Layout.Rows + BlockRows - 1) / BlockRows;

    /// <summary>Grid: (tile of twenty units, slice); a group's threads share a slice's examples.</summary>
    /// <param name="batch">All deltas in.</param>
    /// <param name="slices">Which slices, and where their sums go.</param>
    public static void Backward(Batch batch, SliceSums slices)
    {
        int first = Grid.IdxX * BlockRows;
        slices.Range(Grid.IdxY, out int start, out int end);
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSums.MostValues * GroupSums.MostThreads);
        for (int row = 0; row < BlockRows; row++)
        {
            float sum = 0f;
            if (first + row < Layout.Rows)
            {
                for (int example = start + Group.IdxX; example < end; example += Group.DimX)
                {
                    sum += batch.Deltas[(first + row) * batch.Stride + example];
                }
            }

            shared[row * Group.DimX + Group.IdxX] = sum;
        }

        GroupSums.Add(shared, BlockRows);
        for (int row = Group.IdxX; row < BlockRows; row += Group.DimX)
        {
            if (first + row < Layout.Rows)
            {
                slices.Store(
                    Grid.IdxY, Layout.Parameters, Layout.Bias(first + row), shared[row * Group.DimX]);
            }
        }
    }
}
