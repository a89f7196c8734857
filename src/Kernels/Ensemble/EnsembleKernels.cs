using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// Training per example, the article's way, of many seeds at once. A group of threads has a member, its network's
/// parameters and activations, in its shared memory, and presents digit after digit to it: forward, loss, backward, step.
/// Groups have nothing to do with each other; there may be more of them than the device takes at a time. The same mathematics
/// as the vector path's, sums in another order.
/// </summary>
/// <remarks>
/// A weight must have done its part in the gradient of the layer below before it moves. Weights of H3 and the outputs belong
/// to one thread each, which sees to that; those of H2 move behind a barrier, after H1's deltas have been formed.
/// </remarks>
internal static class EnsembleKernels
{
    /// <summary>Threads of a group: one a pixel.</summary>
    public const int Threads = 256;

    /// <summary>
    /// Groups that a multiprocessor should have registers for at once: where there are more members than multiprocessors, one
    /// member computes while another waits.
    /// </summary>
    public const int GroupsOfMultiprocessor = 2;

    /// <summary>
    /// Presents digits, in their order, to each member. Grid: a group of <see cref="Threads"/> threads a member.
    /// </summary>
    /// <param name="launch">The digits and the members.</param>
    public static void Train<THidden, TOutput, TLoss, TRule>(EnsemblePresentations launch)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
        where TRule : struct, IEnsembleRule
    {
        EnsembleMemory memory = new(
            SharedMemory.Allocate<Float4>(EnsembleLayout.Float4s),
            SharedMemory.Allocate<int>(EnsembleLayout.TableEntries));
        int member = Grid.IdxX;
        EnsembleMember own = launch.Members[member];
        int firstOfSteps = own.Recipe * launch.StepsOfRecipe;
        int states = launch.State1.Length > 0 ? Layout.Parameters : 0;
        ArrayView<float> state1 = launch.State1.SubView(member * states, states);
        ArrayView<float> state2 = launch.State2.SubView(member * states, states);
        ArrayView<float> gradients = TRule.Sums
            ? launch.Gradients.SubView(member * Layout.Parameters, Layout.Parameters)
            : launch.Gradients;
        memory.Load(launch.Parameters, member, launch.Tables);
        EnsembleImage.Surround(memory);
        Perturbation perturbation = own.Perturbation.At((uint)launch.FirstStep);
        float pixel = EnsembleImage.Pixel(launch.Images, 0, launch.FirstPlace, perturbation);
        Group.Barrier();
        EnsembleImage.Store(memory, pixel);
        Group.Barrier();
        int ofLaunch = 0;

        // A step's digits, in the launch: it may have begun before.
        int left = launch.Examples - launch.FirstPlace;
        int begin = TRule.Sums ? -(launch.FirstPlace % launch.Batch) : 0;
        int end = begin + launch.Batch < left ? begin + launch.Batch : left;
        for (int presentation = 0; presentation < launch.Count; presentation++)
        {
            bool isLast = !TRule.Sums || presentation + 1 == end;
            EnsembleStep step = new()
            {
                Constants = launch.Steps[firstOfSteps + ofLaunch * launch.Stride],
                State1 = state1,
                State2 = state2,
                Gradients = gradients,
                IsFirst = presentation == begin,
                IsLast = isLast,
                Share = end == left ? launch.ShareOfLast : launch.Share,
            };
            if (isLast)
            {
                begin = presentation + 1;
                end = begin + launch.Batch < left ? begin + launch.Batch : left;
                ofLaunch++;
            }

            // The next image is on its way while this one is worked on.
            int next = presentation + 1 < launch.Count ? presentation + 1 : presentation;
            Perturbation nextPerturbation = own.Perturbation.At((uint)(launch.FirstStep + ofLaunch));
            pixel = EnsembleImage.Pixel(launch.Images, next, launch.FirstPlace + next, nextPerturbation);
            int label = launch.Labels[presentation];

            Forward<THidden, TOutput>(memory, launch.FirstPlace + presentation, perturbation);
            Group.Barrier();
            EnsembleOutput.Delta<TOutput, TLoss>(memory, label, launch.Targets);
            Group.Barrier();
            EnsembleOutput.Backward<THidden, TRule>(memory, step);
            Group.Barrier();
            EnsembleH3.Backward<TRule>(memory, step);
            Group.Barrier();
            EnsembleH2.BackwardInput<THidden>(memory, launch.Tables.ReadersOfMap);
            EnsembleH2.BackwardWeights<TRule>(memory, step);
            Group.Barrier();
            EnsembleH1.BackwardParts<TRule>(memory, step);
            Group.Barrier();
            EnsembleH1.Update<TRule>(memory, step);
            EnsembleImage.Store(memory, pixel);
            perturbation = nextPerturbation;
            Group.Barrier();
        }

        memory.Store(launch.Parameters, member);
    }

    /// <summary>
    /// Loss and misses of each member over a split. Grid: member * shares + share, groups of <see cref="Threads"/> threads; a
    /// share is a stretch of the split's digits, summed in their order.
    /// </summary>
    /// <param name="launch">The digits, the members, and where the sums go.</param>
    public static void Evaluate<THidden, TOutput, TLoss>(EnsembleEvaluations launch)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        EnsembleMemory memory = new(
            SharedMemory.Allocate<Float4>(EnsembleLayout.Float4s),
            SharedMemory.Allocate<int>(EnsembleLayout.TableEntries));
        int member = Grid.IdxX / launch.Shares;
        int share = Grid.IdxX % launch.Shares;
        int start = (int)((long)share * launch.Count / launch.Shares);
        int end = (int)((long)(share + 1) * launch.Count / launch.Shares);
        memory.Load(launch.Parameters, member, launch.Tables);
        EnsembleImage.Surround(memory);

        // No perturbation, without the double precision that Perturbation.None is made with.
        Perturbation none = default;
        float pixel = EnsembleImage.Pixel(launch.Images, start, start, none);
        Group.Barrier();
        EnsembleImage.Store(memory, pixel);
        Group.Barrier();
        float loss = 0f;
        int misses = 0;
        for (int example = start; example < end; example++)
        {
            int next = example + 1 < end ? example + 1 : example;
            pixel = EnsembleImage.Pixel(launch.Images, next, next, none);
            int label = launch.Labels[example];
            Forward<THidden, TOutput>(memory, example, none);
            Group.Barrier();
            if (Group.IdxX == 0)
            {
                EnsembleOutput.Evaluate<TLoss>(memory, label, ref loss, ref misses);
            }

            EnsembleImage.Store(memory, pixel);
            Group.Barrier();
        }

        if (Group.IdxX == 0)
        {
            launch.Losses[member * launch.Sums + launch.FirstSum + share] = loss;
            launch.Misses[member * launch.Sums + launch.FirstSum + share] = misses;
        }
    }

    /// <summary>From the image to the outputs; a barrier must follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Forward<THidden, TOutput>(EnsembleMemory memory, int place, Perturbation perturbation)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
    {
        EnsembleH1.Forward<THidden>(memory);
        Group.Barrier();
        EnsembleH2.ForwardParts(memory);
        Group.Barrier();
        EnsembleH2.Forward<THidden>(memory, place, perturbation);
        Group.Barrier();
        EnsembleH3.ForwardParts(memory);
        Group.Barrier();
        EnsembleH3.Forward<THidden>(memory);
        Group.Barrier();
        EnsembleOutput.Forward<TOutput>(memory);
    }
}
