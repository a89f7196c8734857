using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// The fused step on tensor cores, for CUDA from compute capability 8.0: what <see cref="FusedKernels"/> computes, of which
/// convolutions and H3 are products of matrices (<see cref="Mma"/>) with operands in two parts, so that the answers are float32's. The
/// outputs' stages and the update are those of the fused kernel.
/// </summary>
internal static class TensorKernels
{
    /// <summary>
    /// Threads of a group of <see cref="Gradient"/>: a warp per scheduler of a multiprocessor.
    /// </summary>
    public const int Threads = 128;

    /// <summary>Warps of a group.</summary>
    public const int Warps = Threads / 32;

    /// <summary>Groups that a multiprocessor should have registers for at once.</summary>
    public const int GroupsOfMultiprocessor = 4;

    /// <summary>Each group's share of the gradient of a batch. Grid: groups, of <see cref="Threads"/> threads.</summary>
    /// <param name="network">The digits, the network as <see cref="TensorWeights"/> has it, and where the shares go.</param>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="index">Which of them this is.</param>
    public static void Gradient<THidden, TOutput, TLoss>(FusedNetwork network, ArrayView<PlannedStep> plans, int index)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        ArrayView<Float4> float4s = SharedMemory.Allocate<Float4>(TensorTile.Float4s);
        int thread = Group.IdxX;
        Lane lane = new(thread);
        FusedBatch batch = new(network, plans, index);
        int step = Grid.DimX * Tile.Examples;
        for (int start = Grid.IdxX * Tile.Examples; start < batch.Count; start += step)
        {
            GradientShare share = new(
                network.Gradients.SubView(Grid.IdxX * TensorShares.Float4s, TensorShares.Float4s), start < step);
            GradientShare outputs = share.From(TensorShares.Tail);
            Forward<THidden, TOutput>(thread, lane, batch, start, float4s);
            TileOutput.Backward<TOutput, TLoss>(thread, batch, start, float4s);
            Group.Barrier();
            TileOutput.BackwardParameters(thread, Threads, float4s, outputs);
            Group.Barrier();
            TileOutput.BackwardInput<THidden>(thread, Threads, batch, float4s);
            Group.Barrier();
            TileH3.BackwardBiases(thread, Threads, float4s, outputs);
            TensorH3.BackwardWeights(lane, float4s, share);
            Group.Barrier();
            TensorH3.BackwardInput<THidden>(lane, batch, float4s);
            Group.Barrier();
            Drop(thread, batch, start, float4s);
            TensorH2.BackwardBiases(thread, float4s, share);
            TensorH2.BackwardWeights(lane, float4s, share);
            Group.Barrier();
            TensorH2.BackwardInput<THidden>(lane, batch, float4s);
            Group.Barrier();
            TensorH1.BackwardBiases(thread, float4s, share);
            TensorImages.Load(thread, batch, start, float4s);
            Group.Barrier();
            TensorH1.BackwardWeights(thread, lane, float4s, share);
            Group.Barrier();
        }
    }

    /// <summary>
    /// Each group's sums of its examples' losses and misses, without perturbation. Grid: groups, of
    /// <see cref="Threads"/> threads.
    /// </summary>
    /// <param name="network">The digits, and the network as <see cref="TensorWeights"/> has it.</param>
    /// <param name="count">How many digits.</param>
    /// <param name="losses">Each group's summed loss, from <paramref name="firstGroup"/> on.</param>
    /// <param name="misses">Each group's count of misclassified examples, likewise.</param>
    /// <param name="firstGroup">The launch's first group among all of the set's.</param>
    public static void Evaluate<THidden, TOutput, TLoss>(
        FusedNetwork network, int count, ArrayView<float> losses, ArrayView<int> misses, int firstGroup)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        ArrayView<Float4> float4s = SharedMemory.Allocate<Float4>(TensorTile.Float4s);
        int thread = Group.IdxX;
        Lane lane = new(thread);
        FusedBatch batch = new(network, count);
        float loss = 0f;
        float missed = 0f;
        int step = Grid.DimX * Tile.Examples;
        for (int start = Grid.IdxX * Tile.Examples; start < count; start += step)
        {
            Forward<THidden, TOutput>(thread, lane, batch, start, float4s);
            TileOutput.Evaluate<TLoss>(thread, batch, start, float4s, ref loss, ref missed);
            Group.Barrier();
        }

        FusedKernels.StoreSums(float4s, loss, missed, losses, misses, firstGroup);
    }

    /// <summary>From a tile's images to its outputs, with a barrier behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Forward<THidden, TOutput>(int thread, Lane lane, FusedBatch batch, int start, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
    {
        TensorImages.Load(thread, batch, start, float4s);
        TensorH1.WriteBorder(thread, float4s);
        Group.Barrier();
        TensorH1.Forward<THidden>(lane, batch, float4s);
        Group.Barrier();
        TensorH2.ForwardSums(lane, batch, float4s);
        Group.Barrier();
        TensorH2.Forward<THidden>(thread, batch, float4s);
        Group.Barrier();
        Drop(thread, batch, start, float4s);
        TensorH3.ForwardParts(lane, batch, float4s);
        Group.Barrier();
        TensorH3.Forward<THidden>(thread, batch, float4s);
        Group.Barrier();
        TileOutput.Forward<TOutput>(thread, Threads, batch, float4s);
        Group.Barrier();
    }

    /// <summary>What dropout does to units or their deltas, with a barrier behind it; without dropout nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Drop(int thread, FusedBatch batch, int start, ArrayView<Float4> float4s)
    {
        if (batch.Perturbation.Drops)
        {
            TensorH2.Drop(thread, batch, start, float4s);
            Group.Barrier();
        }
    }
}
