using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Training;

namespace GpuConvnet.Kernels.Choosing;

/// <summary>
/// Chooses by their times which kernels take a training's steps on a device. Candidates take the training's own steps, on parameters and
/// memory of their own: whoever trains afterwards has not been touched. Where there is one candidate, nothing is timed.
/// </summary>
/// <param name="discovery">Where the device was found.</param>
/// <param name="device">The device; nobody else may be at work on it.</param>
/// <param name="folder">Where choices are kept.</param>
internal sealed class KernelChooser(AcceleratorDiscovery discovery, DeviceDescription device, ChoiceFolder folder)
{
    /// <summary>How long candidates are timed. Before that their kernels are compiled, as far as they have not been kept.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(0.1);

    /// <summary>
    /// How far the gradient of a candidate may be from the first one's, in units of a part's largest: <c>trainer verify</c>'s bound for the
    /// gradients of all of them, be it float32's own arithmetic or tensor cores'.
    /// </summary>
    public const double GradientTolerance = 2e-5;

    /// <summary>
    /// What may be chosen, the one to stay with first. Layers are no candidate: they are slower wherever they were timed, and their kernels
    /// would be compiled for nothing.
    /// </summary>
    public IReadOnlyList<KernelChoice> Candidates { get; init; } = [KernelChoice.Fused, KernelChoice.Tensor];

    /// <summary>What times.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long.</summary>
    public TimeSpan Time { get; init; } = Budget;

    /// <summary>Which kernels are to take a training's steps: as was chosen before, or timed now.</summary>
    /// <param name="trial">The step.</param>
    /// <exception cref="DeviceException">The device's driver refuses to open it.</exception>
    public ChosenKernels Choose(StepTrial trial)
    {
        KernelChoice[] candidates =
        [
            .. Candidates.Where(kernels => kernels == KernelChoice.Layers
                || AcceleratorTrainer.FusedUnsupportedReason(kernels, discovery, device, trial.Options, trial.Optimizer) is null),
        ];
        return candidates.Length < 2
            ? new ChosenKernels(KernelChoice.Auto)
            : folder.Of(NameOf(candidates, trial), () => Make(candidates, trial));
    }

    /// <summary>Under which name a choice is kept: all that could make another one of it goes into that.</summary>
    internal string NameOf(IReadOnlyList<KernelChoice> candidates, StepTrial trial)
    {
        string everything = string.Create(
            CultureInfo.InvariantCulture,
            $"{KernelIdentity.Makers}\n{device.Kind}\n{device.Name}\n{device.Driver}\n{device.ComputeUnits}\n{device.MemoryBytes}\n")
            + $"{string.Join(',', candidates)}\n{trial.Description}";
        return $"Step.Choice-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(everything)))}.json";
    }

    /// <summary>Times candidates.</summary>
    /// <returns>Null where the first cannot train this, whatever the reason: then there is nothing to stay with.</returns>
    private KeptChoice? Make(KernelChoice[] candidates, StepTrial trial)
    {
        List<KernelRefusal> refused = [];
        List<TrialTrainer> able = [];
        try
        {
            foreach (KernelChoice kernels in candidates)
            {
                if (TrialTrainer.TryCreate(discovery, device, kernels, trial, out KernelRefusal? refusal) is { } trainer)
                {
                    able.Add(trainer);
                    refusal = trainer == able[0] ? null : trainer.DifferenceFrom(able[0]);
                    if (refusal is not null)
                    {
                        able.Remove(trainer);
                        trainer.Dispose();
                    }
                }

                if (refusal is not null)
                {
                    refused.Add(refusal);
                }

                if (able.Count == 0)
                {
                    return null;
                }
            }

            StepContestResult result = Contest(able, refused);
            return new KeptChoice(
                able[result.Winner].Kernels, DateTime.UtcNow, device.Name, trial.Description, result.Rounds,
                [.. result.Seconds.Select((seconds, way) => new KernelTime(able[way].Kernels, seconds))], refused);
        }
        finally
        {
            able.ForEach(trainer => trainer.Dispose());
        }
    }

    /// <summary>Times those that are able to; one that fails meanwhile is not, and the others are timed again.</summary>
    private StepContestResult Contest(List<TrialTrainer> able, List<KernelRefusal> refused)
    {
        while (able.Count > 1)
        {
            TrialTrainer? failing = null;
            try
            {
                return new StepContest(Clock, Time).Run(
                    [
                        .. able.Select<TrialTrainer, Action<int>>(trainer => steps =>
                        {
                            failing = trainer;
                            trainer.Take(steps);
                        }),
                    ],
                    able.Max(trainer => trainer.StepsAtOnce));
            }
            catch (DeviceException failure) when (failing != able[0])
            {
                refused.Add(KernelRefusal.For(failing!.Kernels, failure));
                able.Remove(failing);
                failing.Dispose();
            }
        }

        return new StepContestResult(0, [], Rounds: 0);
    }
}
