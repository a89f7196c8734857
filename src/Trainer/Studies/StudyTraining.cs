using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies;

/// <summary>Trains the runs of a study: of settings, some of which may be beyond what converges, or of experiments that all do.</summary>
internal static class StudyTraining
{
    /// <summary>What <see cref="TryTrainAll"/> gives a run, for the user: ends a sentence about times.</summary>
    public const string Cores = "runs of a core each side by side, and of one that is alone with all cores";

    /// <summary>Trains runs: on the CPU side by side, one core each, on a device one after the other.</summary>
    /// <param name="report">Hears of progress.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="jobs">How many a process trains at a time where they are side by side; null for one per core.</param>
    /// <param name="workers">The other processes that train; null for none.</param>
    /// <param name="finish">
    /// Keeps a run and describes it: which it is, its result or null where it diverged, and the seconds of its training. Called from
    /// several threads.
    /// </param>
    /// <param name="interruption">Drops the runs under way.</param>
    /// <param name="show">Shows a run that begins, which of them, on a page; null for none.</param>
    /// <param name="atOnce">Which of them a device trains at once, by group (<see cref="EnsembleGroups"/>); null for none.</param>
    /// <param name="checkpointsOf">Where such a run is written down meanwhile, which of them; null for nowhere.</param>
    /// <returns>Whether all are finished now.</returns>
    /// <exception cref="RunFailedException">A run failed for another reason than divergence.</exception>
    public static bool TryTrain(
        TrainingReport report,
        PlannedRun[] runs,
        int? jobs,
        Workers? workers,
        Func<int, RunResult?, double, string> finish,
        CancellationToken interruption,
        Func<int, LiveRun?>? show = null,
        IReadOnlyList<int[]>? atOnce = null,
        Func<int, string>? checkpointsOf = null)
    {
        RunsProgress progress = new(report, runs);
        TogetherTraining together = new(report, progress, runs, finish, show, checkpointsOf);
        int[] others = [.. Enumerable.Range(0, runs.Length).Except(atOnce?.SelectMany(group => group) ?? [])];
        bool isSideBySide = workers is not null || others.All(index => runs[index].Choice.RunsInParallel);
        bool isComplete = false;
        report.During(() => isComplete = together.TryTrain(atOnce ?? [], jobs, interruption) && RunScheduler.TryTrain(
            [.. others.Select(index => runs[index])],
            isSideBySide ? new LanePlan(jobs, Threads: 1, workers) : new LanePlan(Jobs: 1, Threads: 0),
            (other, run) =>
            {
                int index = others[other];
                progress.Watch(run);
                run.Live = show?.Invoke(index);
                double seconds = 0;
                run.Trained += (_, soFar) => seconds = soFar;
                RunResult? result = null;
                try
                {
                    RunOutcome outcome = run.Execute(CancellationToken.None);
                    result = outcome.Result;
                    seconds = result.Seconds.Train;
                    run.Live?.End(result, outcome.Parameters);
                }
                catch (RunFailedException failure) when (failure.IsDivergence)
                {
                    // Among many settings divergence is to be expected: it says something about the settings, not about us.
                    run.Live?.End(LiveState.Failed, failure.Message);
                }

                string text = finish(index, result, seconds);
                progress.Finish(soFar => $"{soFar}: {text}");
            },
            interruption));
        return isComplete;
    }

    /// <summary>
    /// Trains runs of experiments that converge: on the CPU side by side, a run alone on all cores, on a device one after the other.
    /// </summary>
    /// <param name="report">Hears of progress.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="workers">The other processes that train; null for none.</param>
    /// <param name="finish">Keeps a run, which it is and its outcome, and says which it is. Called from several threads.</param>
    /// <param name="interruption">Drops the runs under way.</param>
    /// <returns>Whether all are finished now.</returns>
    /// <exception cref="RunFailedException">A run failed.</exception>
    public static bool TryTrainAll(
        TrainingReport report,
        PlannedRun[] runs,
        Workers? workers,
        Func<int, RunOutcome, string> finish,
        CancellationToken interruption)
    {
        RunsProgress progress = new(report, runs);

        // Two runs on one core each are faster than one on two cores; a run alone may have them all.
        int own = workers?.Threads ?? Environment.ProcessorCount;
        int atATime = Math.Clamp(runs.Count(run => run.Choice.RunsInParallel), 1, own);
        bool isComplete = false;
        report.During(() => isComplete = RunScheduler.TryTrain(
            runs,
            new LanePlan(atATime, Threads: atATime == 1 ? 0 : 1, workers),
            (index, run) =>
            {
                progress.Watch(run);
                ExperimentConfiguration configuration = runs[index].Configuration;
                RunOutcome outcome = run.Execute(CancellationToken.None);
                RunResult result = outcome.Result;
                if (result.Failure is { } failure)
                {
                    throw new RunFailedException($"{configuration.Experiment}, seed {configuration.Seed}: {failure}");
                }

                string text = finish(index, outcome);
                progress.Finish(_ => FormattableString.Invariant($"{configuration.Experiment}, seed {configuration.Seed}: {text}, ")
                    + FormattableString.Invariant($"{result.Seconds.Train:F2} s of training"));
            },
            interruption));
        return isComplete;
    }
}
