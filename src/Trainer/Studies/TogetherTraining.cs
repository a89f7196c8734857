using System.Collections.Concurrent;
using System.Diagnostics;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies;

/// <summary>
/// Trains a study's runs on devices as many at once as these compute at the same time, and the next ones when those have ended. A run has
/// the same bits whoever is beside it. Meanwhile all are written down every few seconds, so that nothing is lost with them.
/// </summary>
/// <param name="report">Hears of progress.</param>
/// <param name="progress">Counts it.</param>
/// <param name="runs">The study's runs, others than these too.</param>
/// <param name="finish">
/// Keeps a run and describes it: which it is, its result or null where it diverged, and the seconds of its training. Called from several
/// threads.
/// </param>
/// <param name="show">Shows a run that begins, which of them, on a page; null for none.</param>
/// <param name="checkpointsOf">Where a run is written down, which of them; null for nowhere.</param>
internal sealed class TogetherTraining(
    TrainingReport report,
    RunsProgress progress,
    IReadOnlyList<PlannedRun> runs,
    Func<int, RunResult?, double, string> finish,
    Func<int, LiveRun?>? show,
    Func<int, string>? checkpointsOf)
{
    private readonly ConcurrentDictionary<string, bool> _said = [];

    /// <summary>Trains some of the runs.</summary>
    /// <param name="groups">Which, by group; the runs of a group are such as <see cref="EnsembleGroups"/> makes.</param>
    /// <param name="most">The most that a device trains at once; null for as many as it computes at the same time.</param>
    /// <param name="interruption">Writes those under way down, and drops them.</param>
    /// <returns>Whether all are finished now.</returns>
    /// <exception cref="RunFailedException">A device failed, its memory is too small, or the disk failed.</exception>
    public bool TryTrain(IReadOnlyList<int[]> groups, int? most, CancellationToken interruption)
    {
        try
        {
            foreach (IGrouping<EngineChoice, int[]> ofChoice in groups.GroupBy(group => runs[group[0]].Choice))
            {
                EngineChoice[] devices = [.. ofChoice.Key.Each];
                int atOnce = Math.Min(most ?? int.MaxValue, devices.Min(device => device.AtOnce()!.Value));
                Wave[] waves = [.. ofChoice.SelectMany(group => Waves(group, atOnce))];
                ParallelWork.Share(waves, [.. devices.Take(waves.Length)], (wave, device) => Train(wave, device, interruption));
            }

            return true;
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Those that were left at the same step go on together, and before those that have not begun.</summary>
    private IEnumerable<Wave> Waves(int[] group, int atOnce) => group
        .Select(index => (Index: index, Archive: Archive(index)))
        .GroupBy(run => run.Archive?.Resumed?.Steps ?? 0)
        .OrderByDescending(left => left.Key)
        .SelectMany(left => left.Chunk(atOnce).Select(some =>
            new Wave([.. some.Select(run => run.Index)], [.. some.Select(run => run.Archive)], left.Key)));

    private RunArchive? Archive(int index) =>
        checkpointsOf is null ? null : RunArchive.OfCheckpoints(checkpointsOf(index), runs[index], report.WriteLine);

    private void Train(Wave wave, EngineChoice device, CancellationToken interruption)
    {
        interruption.ThrowIfCancellationRequested();
        long started = Stopwatch.GetTimestamp();
        PlannedRun[] members = [.. wave.Indices.Select(index => runs[index] with { Choice = device })];
        (ExperimentConfiguration first, var data, _) = members[0];
        ITrainingSet training = data.OpenTraining();
        using IDisposable? stream = training as IDisposable;
        using EnsembleTrainer trainer = device.CreateEnsemble(first, training, data.Test, members.Length);
        if (device.NoteOnEnsemble(first) is { } note && _said.TryAdd(note, true))
        {
            report.WriteLine(note);
        }

        report.WriteLine(FormattableString.Invariant($"{members.Length:N0} {(members.Length == 1 ? "run" : "runs")} at once on {device.Place}")
            + (wave.Steps == 0 ? "" : FormattableString.Invariant($", going on after {wave.Steps:N0} of {first.TotalSteps:N0} steps")));
        progress.Took(wave.Steps, members);
        LiveRun?[] shown = [.. wave.Indices.Select(index => show?.Invoke(index))];
        EnsembleRuns ensemble = new(members, wave.Archives, trainer, Stopwatch.GetElapsedTime(started).TotalSeconds)
        {
            Shown = shown,
            Drop = interruption,
        };
        long reported = wave.Steps;
        ensemble.Trained += steps =>
        {
            progress.Took(steps - reported, members);
            reported = steps;
        };
        IReadOnlyList<EnsembleEnd> ends = ensemble.Execute(CancellationToken.None);
        for (int member = 0; member < members.Length; member++)
        {
            Finish(wave.Indices[member], ends[member], wave.Archives[member], shown[member]);
        }
    }

    private void Finish(int index, EnsembleEnd end, RunArchive? archive, LiveRun? shown)
    {
        if (end is { Failure: { } failure, IsDivergence: false })
        {
            shown?.End(LiveState.Failed, failure);
            throw new RunFailedException(failure);
        }

        if (end.Outcome is { } outcome)
        {
            shown?.End(outcome.Result, outcome.Parameters);
        }
        else
        {
            // Among many settings divergence is to be expected: it says something about the settings, not about us.
            shown?.End(LiveState.Failed, end.Failure);
        }

        string text = finish(index, end.Outcome?.Result, end.TrainSeconds);
        archive?.Discard();
        progress.Finish(soFar => $"{soFar}: {text}");
    }

    /// <summary>Runs that are trained at once.</summary>
    /// <param name="Indices">Which they are.</param>
    /// <param name="Archives">What writes each down.</param>
    /// <param name="Steps">The steps that each has taken before.</param>
    private sealed record Wave(int[] Indices, RunArchive?[] Archives, long Steps);
}
