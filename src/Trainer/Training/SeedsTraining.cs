using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>
/// A stage of several seeds: side by side on the CPU, one after the other on a device, or there all at once as an ensemble.
/// When one fails, the others come to their next evaluation and are kept.
/// </summary>
internal sealed class SeedsTraining(
    TrainingStage stage, RunFolder? folder, TrainingRequest request, TrainingConsole console)
    : StageTraining(stage, folder, request, console)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private RunOutcome?[] _outcomes = [];
    private int _reported;
    private string? _failure;

    /// <inheritdoc/>
    public override IReadOnlyList<RunOutcome?> Train(IReadOnlyList<TrainingStart?> starts, CancellationToken interruption)
    {
        PlannedRun[] runs = Stage.Runs(starts);
        _outcomes = new RunOutcome?[runs.Length];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        Console.Report.During(() =>
        {
            if (Request.IsEnsemble)
            {
                TrainEnsemble(runs, stop);
            }
            else
            {
                TrainEach(runs, stop);
            }
        });

        RunResult[] results = [.. _outcomes.OfType<RunOutcome>().Select(outcome => outcome.Result)];
        if (results.Length == 0)
        {
            throw _failure is null ? new OperationCanceledException(interruption) : new RunFailedException(_failure);
        }

        RunsResult joint = Joint(results, runs.Length);
        IsInterrupted = joint.Interrupted;
        Print(joint, runs.Length);
        return _failure is null ? _outcomes : throw new RunFailedException(_failure);
    }

    private void TrainEach(PlannedRun[] runs, CancellationTokenSource stop)
    {
        RunsProgress progress = new(Console.Report, runs);
        RunScheduler.Train(
            runs,
            new LanePlan(Jobs: null, Threads: 1, Request.Workers),
            (index, run) => Train(index, run, progress, stop),
            Console.Report.WriteLine);
    }

    private void Train(int index, LaneRun run, RunsProgress progress, CancellationTokenSource stop)
    {
        PlannedRun planned = run.Planned;
        if (stop.IsCancellationRequested)
        {
            return;
        }

        RunFolder? folder = FolderOf(planned);
        if (Finished(folder, planned.Configuration) is { } finished)
        {
            Show(planned)?.End(finished.Result, finished.Parameters);
            progress.Skip(planned);
            progress.Finish();
            Keep(index, finished);
            return;
        }

        run.Saving = SavingIn(folder);
        run.Live = Show(planned);
        progress.Watch(run);
        RunOutcome outcome;
        try
        {
            outcome = run.Execute(stop.Token);
        }
        catch (RunFailedException failed)
        {
            // The other runs' results are worth keeping.
            run.Live?.End(LiveState.Failed, failed.Message);
            Fail(planned, failed.Message, stop);
            return;
        }

        if (outcome.Result.Failure is { } lost)
        {
            Fail(planned, lost, stop);
        }

        run.Live?.End(outcome.Result, outcome.Parameters);
        progress.Finish();
        Keep(index, outcome);
    }

    private LiveRun? Show(PlannedRun run) =>
        Request.Live?.Add(run.Shown(
            FormattableString.Invariant($"{run.Configuration.Experiment}, seed {run.Configuration.Seed}"), isAlone: false, Request.IsEnsemble));

    private void TrainEnsemble(PlannedRun[] runs, CancellationTokenSource stop)
    {
        List<(int Index, RunArchive? Archive)> left = [];
        try
        {
            for (int index = 0; index < runs.Length; index++)
            {
                RunFolder? folder = FolderOf(runs[index]);
                if (Finished(folder, runs[index].Configuration) is { } finished)
                {
                    Show(runs[index])?.End(finished.Result, finished.Parameters);
                    Keep(index, finished);
                }
                else
                {
                    left.Add((index, RunArchive.Open(SavingIn(folder), runs[index], Console.Report.WriteLine)));
                }
            }

            // Where the program was killed while it wrote them down, some are a checkpoint further than others.
            foreach (IGrouping<long, (int Index, RunArchive? Archive)> together in left
                .GroupBy(run => run.Archive?.Resumed?.Steps ?? 0)
                .OrderByDescending(group => group.Key)
                .TakeWhile(_ => !stop.IsCancellationRequested))
            {
                TrainEnsemble(runs, [.. together], stop);
            }
        }
        finally
        {
            foreach ((_, RunArchive? archive) in left)
            {
                archive?.Dispose();
            }
        }
    }

    /// <summary>Trains those runs that have taken as many steps before.</summary>
    private void TrainEnsemble(PlannedRun[] runs, (int Index, RunArchive? Archive)[] together, CancellationTokenSource stop)
    {
        PlannedRun[] own = [.. together.Select(run => runs[run.Index])];
        (ExperimentConfiguration configuration, LoadedData data, EngineChoice choice) = own[0];
        ITrainingSet training = data.OpenTraining();
        using IDisposable? stream = training as IDisposable;
        using EnsembleTrainer trainer = choice.CreateEnsemble(configuration, training, data.Test, own.Length);
        if (choice.NoteOnEnsemble(configuration) is { } note)
        {
            Console.Report.WriteLine(note);
        }

        long begun = Stopwatch.GetTimestamp();
        LiveRun?[] shown = [.. own.Select(Show)];
        RunArchive?[] archives = [.. together.Select(run => run.Archive)];
        EnsembleRuns members = new(own, archives, trainer, Stopwatch.GetElapsedTime(_started).TotalSeconds) { Shown = shown };
        long before = together[0].Archive?.Resumed?.Steps ?? 0;
        members.Trained += steps => Console.Report.Show(
            (double)steps / configuration.TotalSteps,
            () => ReportLines.Progress(
                configuration, own[0].ExamplesOf(steps - before) * own.Length, steps, before,
                Stopwatch.GetElapsedTime(begun).TotalSeconds, own.Length));
        IReadOnlyList<EnsembleEnd> ends = members.Execute(stop.Token);
        foreach ((int member, (int index, RunArchive? archive)) in together.Index())
        {
            if (ends[member].Failure is { } lost)
            {
                shown[member]?.End(LiveState.Failed, lost);
                Fail(runs[index], lost, stop);
            }

            if (ends[member].Outcome is { } outcome)
            {
                archive?.Save(outcome);
                shown[member]?.End(outcome.Result, outcome.Parameters);
                Keep(index, outcome);
            }
        }
    }

    private int Cores => Request.Workers?.LanesOf(Stage.First.Choice) ?? Environment.ProcessorCount;

    private RunFolder? FolderOf(PlannedRun run) => Stage.FolderIn(Folder?.OfSeed(run.Configuration.Seed));

    /// <summary>Keeps an outcome, and prints those whose turn it is.</summary>
    private void Keep(int index, RunOutcome outcome)
    {
        lock (_gate)
        {
            _outcomes[index] = outcome;
            for (; _reported < _outcomes.Length && _outcomes[_reported] is { Result: RunResult next }; _reported++)
            {
                Console.Report.WriteLine(ReportLines.Run(_reported + 1, _outcomes.Length, next));
                Console.Report.WriteLine(ReportLines.Train(next.Train));
                Console.Report.WriteLine(ReportLines.Test(next.Test, Stage.First.Data.IsValidation));
            }
        }
    }

    private void Fail(PlannedRun run, string message, CancellationTokenSource stop)
    {
        lock (_gate)
        {
            _failure ??= string.Create(CultureInfo.InvariantCulture, $"Seed {run.Configuration.Seed}: {message}");
        }

        stop.Cancel();
    }

    private RunsResult Joint(RunResult[] results, int runs)
    {
        (ExperimentConfiguration configuration, LoadedData data, EngineChoice choice) = Stage.First;
        RunResult[] complete = [.. results.Where(result => !result.Interrupted)];
        return new RunsResult
        {
            Experiment = configuration.Experiment,
            Accelerator = choice.Accelerator,
            Device = choice.Device,
            Dataset = data.Dataset.Name,
            TestedOn = data.IsValidation ? RunResult.Validation : null,
            Batch = configuration.Batch,
            Interrupted = complete.Length < runs,
            Seconds = new RunSeconds(
                Stage.First.DataSeconds,
                Together(seconds => seconds.Compile),
                Together(seconds => seconds.Train),
                Together(seconds => seconds.Evaluate),
                Stage.First.DataSeconds + Stopwatch.GetElapsedTime(_started).TotalSeconds),
            Runs = results,
            Summary = complete.Length == 0 ? null : RunsSummary.Of(complete),
        };

        // An ensemble's members train at the same time: each one's times are those of all.
        double Together(Func<RunSeconds, double> part) => Request.IsEnsemble
            ? results.Max(result => part(result.Seconds))
            : results.Sum(result => part(result.Seconds));
    }

    private void Print(RunsResult joint, int runs)
    {
        TrainingReport report = Console.Report;
        if (Stage.IsLast)
        {
            Folder?.Save(Stage.First.Configuration, joint);
        }

        foreach (string line in joint.Summary is { } summary ? ReportLines.Summary(summary, Stage.First.Data.IsValidation) : [])
        {
            WriteQuietly(line);
            report.WriteLine(line);
        }

        string done = string.Create(
            CultureInfo.InvariantCulture,
            $"{(joint.Interrupted ? "interrupted after " : "")}{joint.Runs.Count(run => !run.Interrupted)} of {runs} runs, "
            + $"{joint.Seconds.Train / joint.Runs.Count:F2} s of training each, in all {joint.Seconds.Total:F2} s")
            + (Stage.First.Choice.RunsInParallel ? $" on {Math.Min(runs, Cores)} cores" : "");
        WriteQuietly(joint.Interrupted ? [done] : []);
        report.WriteLine(done);
        if (Request.IsEnsemble)
        {
            report.WriteLine(ReportLines.Ensemble(joint.Runs, Stage.First));
        }

        WriteReport([.. _outcomes.OfType<RunOutcome>()]);
        if (Stage.IsLast)
        {
            SayWhere();
            if (Request.Json)
            {
                Console.Output.WriteLine(JsonSerializer.Serialize(
                    joint with { Folder = Folder?.FullPath }, ResultJson.Relaxed.RunsResult));
            }
        }
    }
}
