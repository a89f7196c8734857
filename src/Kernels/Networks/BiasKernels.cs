using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The gradient of biases: the sum of the deltas of the units that have them.</summary>
internal static class BiasKernels
{
    /// <summary>Biases of a group.</summary>
    public const int TileBiases = LaneSums.Values;

    /// <summary>From the output's gradient to the biases'. Grid: (tile: twenty biases, slice).</summary>
    /// <param name="deltas">(blocks, units, lanes), the output's gradient.</param>
    /// <param name="slices">Which slices, and where their sums go.</param>
    /// <param name="offset">The biases' place among the parameters.</param>
    public static void Backward<TSizes>(ArrayView<float> deltas, BlockSlices slices, int offset)
        where TSizes : struct, IBiasSizes
    {
        int first = Grid.IdxX * TileBiases;
        slices.Range(Grid.IdxY, out int start, out int end);
        Taps5 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        for (int block = start; block < end; block++)
        {
            int place = block * (TSizes.Biases * TSizes.Terms * TSizes.Lanes) + Group.IdxX;
            for (int term = 0; term < TSizes.Terms; term++)
            {
                Add<TSizes>(ref sums0, deltas, place, first);
                Add<TSizes>(ref sums1, deltas, place, first + 5);
                Add<TSizes>(ref sums2, deltas, place, first + 10);
                Add<TSizes>(ref sums3, deltas, place, first + 15);
                place += TSizes.TermStep * TSizes.Lanes;
            }
        }

        ArrayView<float> shared = SharedMemory.Allocate<float>(LaneSums.Pitch * LaneSums.MostLanes);
        LaneSums.Keep(shared, sums0, sums1, sums2, sums3);
        for (int value = Group.IdxX; value < LaneSums.Values; value += TSizes.Lanes)
        {
            float sum = LaneSums.Sum(shared, value, TSizes.Lanes);
            if (first + value < TSizes.Biases)
            {
                slices.Store(Grid.IdxY, offset + first + value, sum);
            }
        }
    }

    private static void Add<TSizes>(ref Taps5 sums, ArrayView<float> deltas, int place, int bias)
        where TSizes : struct, IBiasSizes
    {
        sums.T0 += deltas[place + Unit<TSizes>(bias)];
        sums.T1 += deltas[place + Unit<TSizes>(bias + 1)];
        sums.T2 += deltas[place + Unit<TSizes>(bias + 2)];
        sums.T3 += deltas[place + Unit<TSizes>(bias + 3)];
        sums.T4 += deltas[place + Unit<TSizes>(bias + 4)];
    }

    /// <summary>A bias's first unit; beyond the last bias the last one's, whose sum nobody takes.</summary>
    private static int Unit<TSizes>(int bias)
        where TSizes : struct, IBiasSizes =>
        (bias < TSizes.Biases ? bias : TSizes.Biases - 1) * (TSizes.BiasStep * TSizes.Lanes);
}
