using GpuConvnet.Model;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// The gradients of the weights of both dense layers, H3 and output: what a weight was multiplied with times the delta
/// of the unit that it feeds, summed over a slice's examples.
/// </summary>
internal static class DenseWeightKernels
{
    private const int BlockInputs = 6;
    private const int BlockUnits = 5;
    private const int BlockWeights = BlockInputs * BlockUnits;

    /// <summary>Groups a slice that <see cref="Backward"/> takes: weights of six inputs to five units each.</summary>
    public static int Tiles() => H3Tiles() + Shape1989.H3Units * Layout.Outputs / BlockWeights;

    /// <summary>Grid: (tile, H3's before the output's; slice); a group's threads share a slice's examples.</summary>
    /// <param name="batch">Kept, H3's activations, H3's and the outputs' deltas in.</param>
    /// <param name="slices">Which slices, and where their sums go.</param>
    public static void Backward(Batch batch, SliceSums slices)
    {
        // The tile of either layer: six rows of inputs, five rows of deltas.
        bool isOutput = Grid.IdxX >= H3Tiles();
        int units = isOutput ? Layout.Outputs : Shape1989.H3Units;
        int tile = isOutput ? Grid.IdxX - H3Tiles() : Grid.IdxX;
        int input = tile / (units / BlockUnits) * BlockInputs;
        int unit = tile % (units / BlockUnits) * BlockUnits;
        int weights = isOutput ? Layout.Outw : Layout.H3w;
        int inputRow = isOutput ? Layout.H3Row + input : input;
        int deltaRow = (isOutput ? Layout.OutputRow : Layout.H3Row) + unit;
        ArrayView<float> inputs = isOutput ? batch.Activations : batch.Kept;

        slices.Range(Grid.IdxY, out int start, out int end);
        Taps5 sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default, sums5 = default;
        for (int example = start + Group.IdxX; example < end; example += Group.DimX)
        {
            Taps5 deltas = Taps5.Load(batch.Deltas, deltaRow * batch.Stride + example, batch.Stride);
            int place = inputRow * batch.Stride + example;
            sums0 = sums0.Plus(deltas.Times(inputs[place]));
            sums1 = sums1.Plus(deltas.Times(inputs[place + batch.Stride]));
            sums2 = sums2.Plus(deltas.Times(inputs[place + 2 * batch.Stride]));
            sums3 = sums3.Plus(deltas.Times(inputs[place + 3 * batch.Stride]));
            sums4 = sums4.Plus(deltas.Times(inputs[place + 4 * batch.Stride]));
            sums5 = sums5.Plus(deltas.Times(inputs[place + 5 * batch.Stride]));
        }

        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSums.MostValues * GroupSums.MostThreads);
        sums0.Store(shared, Group.IdxX, Group.DimX);
        sums1.Store(shared, 5 * Group.DimX + Group.IdxX, Group.DimX);
        sums2.Store(shared, 10 * Group.DimX + Group.IdxX, Group.DimX);
        sums3.Store(shared, 15 * Group.DimX + Group.IdxX, Group.DimX);
        sums4.Store(shared, 20 * Group.DimX + Group.IdxX, Group.DimX);
        sums5.Store(shared, 25 * Group.DimX + Group.IdxX, Group.DimX);
        GroupSums.Add(shared, BlockWeights);
        for (int value = Group.IdxX; value < BlockWeights; value += Group.DimX)
        {
            int weight = weights + (input + value / BlockUnits) * units + unit + value % BlockUnits;
            slices.Store(Grid.IdxY, Layout.Parameters, weight, shared[value * Group.DimX]);
        }
    }

    private static int H3Tiles() => Layout.H2Units * Shape1989.H3Units / BlockWeights;
}
