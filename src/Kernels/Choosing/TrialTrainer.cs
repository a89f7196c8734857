using System.Globalization;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Training;

namespace GpuConvnet.Kernels.Choosing;

/// <summary>A candidate's trainer, which has everything to itself but the compiled kernels.</summary>
internal sealed class TrialTrainer : IDisposable
{
    private readonly AcceleratorTrainer _trainer;
    private readonly BatchStep _step;

    private TrialTrainer(KernelChoice kernels, AcceleratorTrainer trainer, BatchStep step)
    {
        Kernels = kernels;
        _trainer = trainer;
        _step = step;
    }

    /// <summary>Which kernels.</summary>
    public KernelChoice Kernels { get; }

    /// <summary>How many steps are best taken at once.</summary>
    public int StepsAtOnce => _trainer.StepsAtOnce;

    /// <summary>A candidate's trainer with a step's parameters.</summary>
    /// <param name="discovery">Where the device was found.</param>
    /// <param name="device">The device.</param>
    /// <param name="kernels">Which kernels.</param>
    /// <param name="trial">The step.</param>
    /// <param name="refusal">Why there is none.</param>
    /// <returns>Null where the device fails them, or has no room.</returns>
    public static TrialTrainer? TryCreate(
        AcceleratorDiscovery discovery, DeviceDescription device, KernelChoice kernels, StepTrial trial, out KernelRefusal? refusal)
    {
        AcceleratorTrainer? trainer = null;
        try
        {
            int count = Math.Min(trial.Batch, trial.Sample.Count);
            Examples batch = First(trial.Sample, count);
            trainer = new AcceleratorTrainer(
                discovery, device, trial.Options, trial.Optimizer, batch, First(batch, 1), trial.Batch, distorts: trial.Distorts,
                kernels: kernels);
            trainer.Load(trial.Parameters);
            refusal = null;
            return new TrialTrainer(kernels, trainer, new BatchStep(0, count, trial.Step.Optimizer, trial.Step.Perturbation));
        }
        catch (Exception failure) when (failure is DeviceException or InvalidOperationException || DeviceException.IsOfDriver(failure))
        {
            Dispose(trainer);
            refusal = KernelRefusal.For(
                kernels, DeviceException.IsOfDriver(failure) ? DeviceException.For(device, failure) : failure);
            return null;
        }
    }

    /// <summary>Takes the step so many times, and waits for it.</summary>
    /// <exception cref="DeviceException">The device failed.</exception>
    public void Take(int steps)
    {
        BatchStep[] all = new BatchStep[steps];
        Array.Fill(all, _step);
        _trainer.Take(all);
        _trainer.Wait();
    }

    /// <summary>In how far the step's gradient is not that of another; null where it is, but for rounding.</summary>
    /// <param name="other">The other; both have the parameters that they began with.</param>
    public KernelRefusal? DifferenceFrom(TrialTrainer other)
    {
        try
        {
            return Difference(Gradient(), other.Gradient()) is { } difference ? new KernelRefusal(Kernels, difference) : null;
        }
        catch (DeviceException failure)
        {
            return KernelRefusal.For(Kernels, failure);
        }
    }

    /// <summary>In how far a gradient is not another one; null where it is, but for rounding.</summary>
    /// <param name="gradient">(9,760): the gradient.</param>
    /// <param name="wanted">(9,760): the other.</param>
    internal static string? Difference(ReadOnlySpan<float> gradient, ReadOnlySpan<float> wanted)
    {
        foreach (ParameterPart part in Parameters.Parts)
        {
            ReadOnlySpan<float> values = gradient.Slice(part.Offset, part.Count);
            ReadOnlySpan<float> expected = wanted.Slice(part.Offset, part.Count);
            double largest = 0, worst = 0;
            for (int place = 0; place < part.Count; place++)
            {
                largest = Math.Max(largest, Math.Abs(expected[place]));
                worst = Math.Max(worst, Math.Abs((double)values[place] - expected[place]));
            }

            // What is no number is no small difference either.
            if (!(worst <= KernelChooser.GradientTolerance * largest))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"its gradient of {part.Name} is {worst / largest:0.0e+00} of the largest away from float32's, ")
                    + string.Create(CultureInfo.InvariantCulture, $"more than {KernelChooser.GradientTolerance:0.0e+00}");
            }
        }

        return null;
    }

    /// <inheritdoc/>
    /// <remarks>Where its kernels have broken the device, nothing can be given back; who trains next is told by the driver.</remarks>
    public void Dispose() => Dispose(_trainer);

    private static void Dispose(AcceleratorTrainer? trainer)
    {
        try
        {
            trainer?.Dispose();
        }
        catch (Exception failure) when (DeviceException.IsOfDriver(failure))
        {
            // What was found out by it is worth more: the next start does without these kernels.
        }
    }

    private float[] Gradient()
    {
        float[] gradient = new float[Parameters.Count];
        _trainer.Gradient(_step.Start, _step.Count, _step.Perturbation, gradient);
        return gradient;
    }

    private static Examples First(Examples examples, int count) => count == examples.Count
        ? examples
        : new Examples(examples.Pixels[..(count * Shape1989.InputUnits)], examples.Labels[..count], examples.First);
}
