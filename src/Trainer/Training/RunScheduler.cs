using System.Diagnostics;
using GpuConvnet.Model;
using GpuConvnet.Model.Training;

namespace GpuConvnet.Trainer.Training;

/// <summary>
/// Who trains when. On the CPU a run is one core's work and shares nothing but the digits, so that runs side by side give the
/// same bits as runs one after the other. Their times do not: cores share memory and clock. A device trains one run after the
/// other, with kernels compiled once.
/// </summary>
internal static class RunScheduler
{
    /// <summary>Trains runs, in their order.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="jobs">How many of those on the CPU to train at a time; 1 keeps to the order of all.</param>
    /// <param name="threads">The most threads of a run on the CPU; 0 for one per core.</param>
    /// <param name="train">
    /// Trains one: which it is, and the run, ready to be executed. Called from several threads. What it throws first is thrown
    /// here, when the runs under way have ended; none is begun after that.
    /// </param>
    /// <param name="say">Hears what a user should know about those that are trained one after the other.</param>
    /// <exception cref="RunFailedException">A device failed, or its memory is too small.</exception>
    public static void Train(
        IReadOnlyList<PlannedRun> runs, int jobs, int threads, Action<int, TrainingRun> train, Action<string>? say = null)
    {
        ILookup<bool, int> isSideBySide =
            Enumerable.Range(0, runs.Count).ToLookup(index => jobs > 1 && runs[index].Choice.RunsInParallel);
        ParallelWork.ForEach(isSideBySide[true], jobs, index =>
        {
            using Station own = new(runs[index], threads);
            train(index, own.Ready(runs[index]));
        });

        Station? station = null;
        try
        {
            foreach (int index in isSideBySide[false])
            {
                if (station?.Suits(runs[index]) != true)
                {
                    station?.Dispose();
                    station = null;
                    station = new Station(runs[index], threads);
                    if (say is not null && station.Note is { } note)
                    {
                        say(note);
                    }
                }

                train(index, station.Ready(runs[index]));
            }
        }
        finally
        {
            station?.Dispose();
        }
    }

    /// <summary>Trains the runs of a study, which are dropped when it is interrupted, and not finished.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="jobs">How many of those on the CPU to train at a time; 1 keeps to the order of all.</param>
    /// <param name="threads">The most threads of a run on the CPU; 0 for one per core.</param>
    /// <param name="train">Trains one, as above.</param>
    /// <param name="interruption">Drops them.</param>
    /// <returns>Whether all came to their end.</returns>
    /// <exception cref="RunFailedException">A device failed, or its memory is too small.</exception>
    public static bool TryTrain(
        IReadOnlyList<PlannedRun> runs, int jobs, int threads, Action<int, TrainingRun> train, CancellationToken interruption)
    {
        try
        {
            Train(runs, jobs, threads, (index, run) =>
            {
                interruption.ThrowIfCancellationRequested();
                run.Trained += (_, _) => interruption.ThrowIfCancellationRequested();
                train(index, run);
            });
            return true;
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>A trainer, and the digits that it is given.</summary>
    private sealed class Station : IDisposable
    {
        private readonly PlannedRun _first;
        private readonly ITrainingSet _training;
        private readonly ITrainer _trainer;
        private readonly double _compileSeconds;

        public Station(PlannedRun run, int threads)
        {
            long started = Stopwatch.GetTimestamp();
            _first = run;
            _training = run.Data.OpenTraining();
            _trainer = run.Choice.CreateTrainer(run.Configuration, _training, run.Data.Test, threads);
            _compileSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        public string? Note => _first.Choice.NoteOn(_trainer, _first.Configuration);

        /// <summary>Whether a run can be trained here. What a core trains depends on the seed.</summary>
        public bool Suits(PlannedRun run) => !run.Choice.RunsInParallel && run.DiffersInSeedFrom(_first);

        public TrainingRun Ready(PlannedRun run) => new(run, _trainer, _compileSeconds);

        public void Dispose()
        {
            _trainer.Dispose();
            (_training as IDisposable)?.Dispose();
        }
    }
}
