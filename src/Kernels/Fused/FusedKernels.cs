using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// A training step in two launches. Activations and deltas never leave the chip: a group of threads takes eight examples
/// through forward pass, loss and backward pass in its shared memory, tile after tile, and leaves one share of the
/// gradient; the second launch adds the shares up and moves the parameters. The same mathematics as the kernels of
/// <c>Layers</c>, which are the readable form and what these are checked against; sums run in another order.
/// </summary>
public static class FusedKernels
{
    /// <summary>Threads of a group of <see cref="Gradient"/>.</summary>
    public const int Threads = 256;

    /// <summary>Threads of a group of <see cref="Update"/> for each share that is read at once: eight quads.</summary>
    public const int UpdateQuads = 8;

    /// <summary>Each group's share of the gradient of a batch. Grid: groups, of <see cref="Threads"/> threads.</summary>
    /// <param name="batch">The examples, the network, and where the shares go.</param>
    /// <param name="noise">How images are rolled and what is dropped.</param>
    public static void Gradient<TShape, THidden, TOutput, TLoss>(FusedBatch batch, Noise noise)
        where TShape : struct, IShape
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        ArrayView<Columns4> quads = SharedMemory.Allocate<Columns4>(Tile<TShape>.Quads);
        ArrayView<float> memory = quads.Cast<float>();
        int step = Grid.DimX * Tile<TShape>.Examples;
        for (int start = Grid.IdxX * Tile<TShape>.Examples; start < batch.Count; start += step)
        {
            GradientShare share = new(
                batch.Gradients.SubView(Grid.IdxX * Packing<TShape>.Quads, Packing<TShape>.Quads), start < step);
            TileImages.Load<TShape>(batch, start, noise, quads);
            Group.Barrier();
            TileH1.Forward<TShape, THidden>(batch, quads);
            Group.Barrier();
            TileH2.Forward<TShape, THidden>(batch, start, noise, quads);
            Group.Barrier();
            TileH3.ForwardParts<TShape>(batch, quads);
            Group.Barrier();
            TileH3.Forward<TShape, THidden>(batch, quads);
            Group.Barrier();
            TileOutput.Forward<TShape, TOutput>(batch, memory);
            Group.Barrier();

            TileOutput.Backward<TShape, TOutput, TLoss>(batch, start, memory);
            Group.Barrier();
            TileOutput.BackwardParameters<TShape>(memory, share);
            Group.Barrier();
            TileOutput.BackwardInput<TShape, THidden>(batch, memory);
            Group.Barrier();
            TileH3.BackwardBiases<TShape>(quads, share);
            TileH3.BackwardWeights<TShape>(quads, share);
            Group.Barrier();
            TileH3.BackwardInput<TShape, THidden>(batch, start, noise, quads);
            Group.Barrier();
            TileH2.BackwardBiases<TShape>(quads, share);
            TileH2.BackwardWeights<TShape>(batch, quads, share);
            Group.Barrier();
            TileH2.BackwardInput<TShape, THidden>(batch, quads);
            Group.Barrier();
            TileImages.Load<TShape>(batch, start, noise, quads);
            TileH1.BackwardBiases<TShape>(quads, share);
            Group.Barrier();
            TileH1.BackwardWeights<TShape>(quads, share);
            Group.Barrier();
        }
    }

    /// <summary>
    /// Adds the shares up, in a fixed order, and moves the parameters by the sum. Grid: groups of eight quads; the threads of
    /// a group, a power of 2, share the shares.
    /// </summary>
    /// <param name="gradients">(shares, Packing.Quads).</param>
    /// <param name="shares">How many there are.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="weights">The weights in quads, which follow the parameters.</param>
    /// <param name="state1">The optimizer's first state of all parameters.</param>
    /// <param name="state2">The optimizer's second state of all parameters.</param>
    /// <param name="step">The step's constants.</param>
    public static void Update<TShape, TRule>(
        ArrayView<Columns4> gradients,
        int shares,
        ArrayView<float> parameters,
        ArrayView<Columns4> weights,
        ArrayView<float> state1,
        ArrayView<float> state2,
        OptimizerStep step)
        where TShape : struct, IShape
        where TRule : struct, IUpdateRule
    {
        ArrayView<Columns4> quads = SharedMemory.Allocate<Columns4>(Threads);
        ArrayView<float> memory = quads.Cast<float>();
        int quad = Grid.IdxX * UpdateQuads + Group.IdxX % UpdateQuads;
        Columns4 sums = default;
        if (quad < Packing<TShape>.Quads)
        {
            for (int share = Group.IdxX / UpdateQuads; share < shares; share += Group.DimX / UpdateQuads)
            {
                sums = sums.Plus(gradients[share * Packing<TShape>.Quads + quad]);
            }
        }

        quads[Group.IdxX] = sums;
        Group.Barrier();
        for (int half = Group.DimX / 2; half >= UpdateQuads; half /= 2)
        {
            if (Group.IdxX < half)
            {
                quads[Group.IdxX] = quads[Group.IdxX].Plus(quads[Group.IdxX + half]);
            }

            Group.Barrier();
        }

        for (int value = Group.IdxX; value < UpdateQuads * 4; value += Group.DimX)
        {
            int moved = Grid.IdxX * UpdateQuads + value / 4;
            int index = moved < Packing<TShape>.Quads ? Packing<TShape>.Parameter(moved, value % 4) : -1;
            if (index >= 0)
            {
                float parameter = parameters[index];
                float first = state1[index];
                float second = state2[index];
                TRule.Update(ref parameter, memory[value], ref first, ref second, step);
                parameters[index] = parameter;
                state1[index] = first;
                state2[index] = second;
                if (moved < Packing<TShape>.Weights)
                {
                    weights.Cast<float>()[moved * 4 + value % 4] = parameter;
                }
            }
        }
    }
}
