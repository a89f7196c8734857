using GpuConvnet.Model;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Schedules;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>Batches of any size, with every optimizer, schedule and augmentation, on the host or a device.</summary>
internal sealed class BatchEngine : ITrainingEngine
{
    private readonly ITrainingSet _training;
    private readonly IBatchTrainer _trainer;
    private readonly ExperimentConfiguration _configuration;
    private readonly OptimizerOptions _optimizer;
    private readonly LearningRateSchedule _schedule;
    private readonly int _batch;
    private readonly int _totalSteps;
    private uint _seed;

    /// <summary>Wraps a trainer.</summary>
    /// <param name="configuration">The experiment, everything resolved.</param>
    /// <param name="training">What the trainer trains on; a stream is disposed with the engine.</param>
    /// <param name="trainer">What takes the steps; disposed with the engine.</param>
    /// <param name="note">What a user should know about how it does; null for nothing.</param>
    public BatchEngine(
        ExperimentConfiguration configuration, ITrainingSet training, IBatchTrainer trainer, string? note)
    {
        _training = training;
        _configuration = configuration;
        _trainer = trainer;
        Note = note;
        _optimizer = configuration.Optimizer.Options;
        _schedule = configuration.LearningRateSchedule;
        _batch = configuration.Batch.Of(configuration.Train);
        _totalSteps = (int)configuration.TotalSteps;
    }

    /// <inheritdoc/>
    public string? Note { get; }

    /// <inheritdoc/>
    public int StepsAtOnce => _trainer.StepsAtOnce;

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<float> parameters, uint seed)
    {
        _seed = seed;
        _trainer.Load(parameters);
    }

    /// <inheritdoc/>
    public void Resume(TrainingState state, uint seed)
    {
        _seed = seed;
        _trainer.LoadState(state);
    }

    /// <inheritdoc/>
    public TrainingState SaveState() => _trainer.SaveState();

    /// <inheritdoc/>
    public void Train(long first, int count)
    {
        BatchStep[] steps = new BatchStep[count];
        for (int i = 0; i < count; i++)
        {
            int step = (int)first + i;
            int start = step % _configuration.StepsPerPass * _batch;
            steps[i] = new BatchStep(
                start,
                Math.Min(_batch, _configuration.Train - start),
                new OptimizerConstants(_optimizer, _schedule.Rate(step, _totalSteps), step),
                _configuration.PerturbationOf(_seed, step));
        }

        _trainer.TakeSteps(steps);
    }

    /// <inheritdoc/>
    public Task<Snapshot> SnapshotAsync() => _trainer.SnapshotAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        _trainer.Dispose();
        (_training as IDisposable)?.Dispose();
    }
}
