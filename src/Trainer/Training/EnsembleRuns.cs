using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Runs.TensorBoard;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>
/// The training of many seeds at once, per example, on a device: what <see cref="TrainingRun"/> does for one. All seeds take
/// the same steps at the same time and are evaluated together.
/// </summary>
internal sealed class EnsembleRuns
{
    // So many steps are planned at a time.
    private const int MostSteps = 8 * EnsembleTrainer.PresentationsPerLaunch;

    private readonly IReadOnlyList<ExperimentConfiguration> _configurations;
    private readonly RunRecord[] _records;
    private readonly string?[] _failures;
    private readonly EnsembleTrainer _trainer;
    private readonly StepSchedule _schedule;
    private readonly IReadOnlyList<TrainingStart?> _starts;
    private readonly double _dataSeconds;
    private readonly double _compileSeconds;

    /// <summary>Prepares the runs.</summary>
    /// <param name="configurations">A configuration a seed, everything resolved; they differ in the seed alone.</param>
    /// <param name="starts">What each starts from; null for drawn weights.</param>
    /// <param name="data">The digits.</param>
    /// <param name="choice">What trains, for the results.</param>
    /// <param name="trainer">What trains, with as many replicas.</param>
    /// <param name="dataSeconds">How long the digits took.</param>
    /// <param name="compileSeconds">How long the trainer took to get ready.</param>
    public EnsembleRuns(
        IReadOnlyList<ExperimentConfiguration> configurations,
        IReadOnlyList<TrainingStart?> starts,
        LoadedData data,
        EngineChoice choice,
        EnsembleTrainer trainer,
        double dataSeconds,
        double compileSeconds)
    {
        _configurations = configurations;
        _starts = starts;
        _trainer = trainer;
        _schedule = Common.Schedule(data.TrainCount);
        _dataSeconds = dataSeconds;
        _compileSeconds = compileSeconds;
        _failures = new string?[configurations.Count];
        _records = [.. configurations.Select((own, index) => new RunRecord(own, data, choice, starts[index], resumed: null))];
    }

    /// <summary>What shows each run in TensorBoard; null for nothing.</summary>
    public required IReadOnlyList<RunEvents?> Events { get; init; }

    /// <summary>Called, on the training thread, now and then with the steps that every run has taken so far.</summary>
    public Action<long> Trained { get; init; } = _ => { };

    private ExperimentConfiguration Common => _configurations[0];

    /// <summary>
    /// Trains to the end, or to the evaluation after the token is cancelled, one of the runs has diverged or the device has
    /// failed.
    /// </summary>
    /// <param name="interruption">Ends the runs early; what was done is in the outcomes.</param>
    /// <returns>Each run's outcome, or null and why there is none.</returns>
    /// <exception cref="RunFailedException">The device failed before the first evaluation, or the disk did.</exception>
    public IReadOnlyList<(RunOutcome? Outcome, string? Failure)> Execute(CancellationToken interruption)
    {
        long started = Stopwatch.GetTimestamp();
        string? lost = null;
        try
        {
            Begin();
            for (long steps = 0; steps < Common.TotalSteps && !(steps > 0 && interruption.IsCancellationRequested) && !IsFailed;)
            {
                long begun = Stopwatch.GetTimestamp();
                steps = TrainToEvaluation(steps);
                Take(steps, begun);
            }
        }
        catch (DeviceException failure) when (_records.All(record => record.IsEvaluated))
        {
            lost = failure.Message;
        }
        catch (DeviceException failure)
        {
            throw new RunFailedException(failure.Message, failure);
        }

        double totalSeconds = _dataSeconds + _compileSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds;
        return
        [
            .. _records.Select((record, run) => _failures[run] is { } failure
                ? ((RunOutcome?)null, (string?)failure)
                : (record.Outcome(_dataSeconds, _compileSeconds, totalSeconds, startupSeconds: null, lost), lost)),
        ];
    }

    private bool IsFailed => _failures.Any(failure => failure is not null);

    private void Begin()
    {
        _trainer.Begin();
        for (int run = 0; run < _configurations.Count; run++)
        {
            ExperimentConfiguration own = _configurations[run];
            _trainer.Load(run, _starts[run]?.Parameters ?? InitialParameters.Draw(own.Network, own.Seed), own.Seed);
        }

        if (_starts[0] is not null)
        {
            Take(steps: 0, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Takes the steps up to the next evaluation.</summary>
    /// <returns>The steps of each run so far.</returns>
    private long TrainToEvaluation(long steps)
    {
        long end = Math.Min(steps + Common.EvaluationSteps, Common.TotalSteps);
        for (long first = steps; first < end; first += MostSteps)
        {
            long before = first;
            _trainer.Take(_schedule.Steps(first, (int)Math.Min(MostSteps, end - first)), done => Trained(before + done));
        }

        return end;
    }

    /// <summary>Evaluates all runs and writes down how they stand.</summary>
    private void Take(long steps, long begun)
    {
        IReadOnlyList<Snapshot> snapshots = _trainer.Evaluate();
        ParallelWork.ForEach(Enumerable.Range(0, snapshots.Count), Environment.ProcessorCount, run =>
        {
            try
            {
                HistoryEntry entry = _records[run].Add(steps, begun, snapshots[run]);
                Events[run]?.Add(steps, entry, snapshots[run].Parameters);
            }
            catch (RunFailedException failure) when (failure.IsDivergence)
            {
                _failures[run] = failure.Message;
            }
        });
    }
}
