using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;

namespace GpuConvnet.Tests.Kernels;

/// <summary>An engine that is right but for one thing.</summary>
internal sealed class FaultyTrainer(ITrainer inner) : ITrainer
{
    /// <summary>Spoils a gradient.</summary>
    public Action<float[]> Spoil { get; init; } = _ => { };

    /// <summary>Changes the perturbation that the engine hears of.</summary>
    public Func<Perturbation, Perturbation> Hear { get; init; } = perturbation => perturbation;

    /// <summary>Changes an evaluation.</summary>
    public Func<Evaluation, Evaluation> Count { get; init; } = evaluation => evaluation;

    /// <summary>Changes a step's constants.</summary>
    public Func<OptimizerConstants, OptimizerConstants> Remember { get; init; } = step => step;

    /// <summary>Changes on how many examples second derivatives are estimated.</summary>
    public Func<int, int> Estimate { get; init; } = examples => examples;

    public void Load(ReadOnlySpan<float> parameters) => inner.Load(parameters);

    public void Store(Span<float> parameters) => inner.Store(parameters);

    public void LoadState(TrainingState state) => inner.LoadState(state);

    public TrainingState SaveState() => inner.SaveState();

    public void Take(ReadOnlySpan<BatchStep> steps)
    {
        foreach (BatchStep step in steps)
        {
            inner.Take([new BatchStep(
                step.Start, step.Count, Remember(step.Optimizer), Hear(step.Perturbation), Estimate(step.CurvatureExamples))]);
        }
    }

    public void Gradient(int start, int count, in Perturbation perturbation, Span<float> gradient)
    {
        float[] spoiled = new float[gradient.Length];
        inner.Gradient(start, count, Hear(perturbation), spoiled);
        Spoil(spoiled);
        spoiled.CopyTo(gradient);
    }

    public Evaluation Evaluate(Split split) => Count(inner.Evaluate(split));

    public Task<Snapshot> SnapshotAsync() => inner.SnapshotAsync();

    public void Dispose() => inner.Dispose();
}
