using System.Diagnostics;
using GpuConvnet.Kernels.Choosing;
using GpuConvnet.Model;
using GpuConvnet.Model.Training;

namespace GpuConvnet.Trainer.Training;

/// <summary>A trainer, and the digits that it is given.</summary>
internal sealed class RunStation : IDisposable
{
    private readonly PlannedRun _first;
    private readonly ITrainingSet _training;
    private readonly ITrainer _trainer;
    private readonly ChosenKernels _kernels;
    private readonly double _compileSeconds;

    /// <summary>Gets ready to train a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="threads">The most threads of a run on the CPU; 0 for one per core.</param>
    /// <exception cref="RunFailedException">The device failed, or its memory is too small.</exception>
    public RunStation(PlannedRun run, int threads)
    {
        long started = Stopwatch.GetTimestamp();
        _first = run;
        _training = run.Data.OpenTraining();
        _kernels = run.Choice.KernelsFor(run.Configuration, _training, run.BegunWith);
        _trainer = run.Choice.CreateTrainer(run.Configuration, _training, run.Data.Test, threads, _kernels.Kernels);
        _compileSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>What a user should know about how it trains; null for nothing.</summary>
    public string? Note => _first.Choice.NoteOn(_trainer, _first.Configuration, _kernels);

    /// <summary>Whether a run can be trained here. What a core trains depends on the seed.</summary>
    public bool Suits(PlannedRun run) => !run.Choice.RunsInParallel && run.DiffersInSeedFrom(_first);

    /// <summary>A run that suits, ready to be executed.</summary>
    public TrainingRun Ready(PlannedRun run) => new(run, _trainer, _compileSeconds);

    /// <inheritdoc/>
    public void Dispose()
    {
        _trainer.Dispose();
        (_training as IDisposable)?.Dispose();
    }
}
