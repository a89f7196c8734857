using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Replicas;

/// <summary>
/// Training per example, the article's way, of many seeds at once. A group of threads has a replica of the network, its
/// parameters and its activations in its shared memory, and presents digit after digit to it: forward, loss, backward, step.
/// Groups have nothing to do with each other; there may be more of them than the device takes at a time. The same mathematics
/// as the reference path's, sums in another order.
/// </summary>
/// <remarks>
/// A weight must have done its part in the gradient of the layer below before it moves. Weights of H3 and the outputs belong
/// to one thread each, which sees to that; those of H2 move behind a barrier, after H1's deltas have been formed.
/// </remarks>
public static class ReplicaKernels
{
    /// <summary>Threads of a group: one a pixel.</summary>
    public const int Threads = 256;

    /// <summary>
    /// Groups that a multiprocessor should have registers for at once: where there are more replicas than multiprocessors, one
    /// replica computes while another waits.
    /// </summary>
    public const int GroupsOfMultiprocessor = 2;

    /// <summary>Presents digits, in their order, to each replica. Grid: a group of <see cref="Threads"/> threads a replica.</summary>
    /// <param name="launch">The digits and the replicas.</param>
    public static void Train<TShape, THidden, TOutput, TLoss, TRule>(ReplicaPresentations launch)
        where TShape : struct, IShape
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
        where TRule : struct, IReplicaRule
    {
        ReplicaMemory memory = new(
            SharedMemory.Allocate<Columns4>(ReplicaLayout<TShape>.Quads),
            SharedMemory.Allocate<int>(ReplicaLayout<TShape>.TableEntries));
        int replica = Grid.IdxX;
        uint seed = launch.Seeds[replica];
        int states = launch.State1.Length > 0 ? Layout<TShape>.Parameters : 0;
        ArrayView<float> state1 = launch.State1.SubView(replica * states, states);
        ArrayView<float> state2 = launch.State2.SubView(replica * states, states);
        memory.Load<TShape>(launch.Parameters, replica, launch.Tables);
        ReplicaImage.Surround<TShape>(memory);
        Noise noise = launch.Noise.At(seed, (uint)launch.FirstStep);
        float pixel = ReplicaImage.Pixel(launch.Images, 0, launch.FirstPlace, noise);
        Group.Barrier();
        ReplicaImage.Store<TShape>(memory, pixel);
        Group.Barrier();
        for (int presentation = 0; presentation < launch.Count; presentation++)
        {
            // The next image is on its way while this one is worked on.
            int next = presentation + 1 < launch.Count ? presentation + 1 : presentation;
            Noise nextNoise = launch.Noise.At(seed, (uint)(launch.FirstStep + next));
            pixel = ReplicaImage.Pixel(launch.Images, next, launch.FirstPlace + next, nextNoise);
            int label = launch.Labels[presentation];
            ReplicaStep step = new(launch.Steps[presentation], state1, state2);

            Forward<TShape, THidden, TOutput>(memory, launch.FirstPlace + presentation, noise);
            Group.Barrier();
            ReplicaOutput.Delta<TShape, TOutput, TLoss>(memory, label, launch.Targets);
            Group.Barrier();
            ReplicaOutput.Backward<TShape, THidden, TRule>(memory, step);
            Group.Barrier();
            ReplicaH3.Backward<TShape, TRule>(memory, step);
            Group.Barrier();
            ReplicaH2.BackwardInput<TShape, THidden>(memory, launch.Tables.ReadersOfMap);
            ReplicaH2.BackwardWeights<TShape, TRule>(memory, step);
            Group.Barrier();
            ReplicaH1.BackwardParts<TShape, TRule>(memory, step);
            Group.Barrier();
            ReplicaH1.Update<TShape, TRule>(memory, step);
            ReplicaImage.Store<TShape>(memory, pixel);
            noise = nextNoise;
            Group.Barrier();
        }

        memory.Store<TShape>(launch.Parameters, replica);
    }

    /// <summary>
    /// Loss and misses of each replica over a split. Grid: replica * shares + share, groups of <see cref="Threads"/> threads; a
    /// share is a stretch of the split's digits, summed in their order.
    /// </summary>
    /// <param name="launch">The digits, the replicas, and where the sums go.</param>
    public static void Evaluate<TShape, THidden, TOutput, TLoss>(ReplicaEvaluations launch)
        where TShape : struct, IShape
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        ReplicaMemory memory = new(
            SharedMemory.Allocate<Columns4>(ReplicaLayout<TShape>.Quads),
            SharedMemory.Allocate<int>(ReplicaLayout<TShape>.TableEntries));
        int replica = Grid.IdxX / launch.Shares;
        int share = Grid.IdxX % launch.Shares;
        int start = (int)((long)share * launch.Count / launch.Shares);
        int end = (int)((long)(share + 1) * launch.Count / launch.Shares);
        memory.Load<TShape>(launch.Parameters, replica, launch.Tables);
        ReplicaImage.Surround<TShape>(memory);

        // No noise, without the double precision that Noise.None is made with.
        Noise none = default;
        float pixel = ReplicaImage.Pixel(launch.Images, start, start, none);
        Group.Barrier();
        ReplicaImage.Store<TShape>(memory, pixel);
        Group.Barrier();
        float loss = 0f;
        int misses = 0;
        for (int example = start; example < end; example++)
        {
            int next = example + 1 < end ? example + 1 : example;
            pixel = ReplicaImage.Pixel(launch.Images, next, next, none);
            int label = launch.Labels[example];
            Forward<TShape, THidden, TOutput>(memory, example, none);
            Group.Barrier();
            if (Group.IdxX == 0)
            {
                ReplicaOutput.Evaluate<TShape, TLoss>(memory, label, ref loss, ref misses);
            }

            ReplicaImage.Store<TShape>(memory, pixel);
            Group.Barrier();
        }

        if (Group.IdxX == 0)
        {
            launch.Losses[replica * launch.Sums + launch.FirstSum + share] = loss;
            launch.Misses[replica * launch.Sums + launch.FirstSum + share] = misses;
        }
    }

    /// <summary>From the image to the outputs; a barrier must follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Forward<TShape, THidden, TOutput>(ReplicaMemory memory, int place, Noise noise)
        where TShape : struct, IShape
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
    {
        ReplicaH1.Forward<TShape, THidden>(memory);
        Group.Barrier();
        ReplicaH2.ForwardParts<TShape>(memory);
        Group.Barrier();
        ReplicaH2.Forward<TShape, THidden>(memory, place, noise);
        Group.Barrier();
        ReplicaH3.ForwardParts<TShape>(memory);
        Group.Barrier();
        ReplicaH3.Forward<TShape, THidden>(memory);
        Group.Barrier();
        ReplicaOutput.Forward<TShape, TOutput>(memory);
    }
}
