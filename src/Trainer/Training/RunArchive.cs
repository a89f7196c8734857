using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Views.TensorBoard;

namespace GpuConvnet.Trainer.Training;

/// <summary>What is saved of a run: checkpoints and TensorBoard's events while it trains, everything else at its end.</summary>
internal sealed class RunArchive : IDisposable
{
    private readonly RunFolder? _folder;
    private readonly CheckpointFolder _checkpoints;
    private readonly RunEvents? _events;
    private readonly Action<string> _say;

    // The newest may be torn.
    private const int KeepOfStudy = 2;

    private RunArchive(RunFolder? folder, CheckpointFolder checkpoints, RunEvents? events, Checkpoint? resumed, Action<string> say)
    {
        _say = say;
        _folder = folder;
        _checkpoints = checkpoints;
        _events = events;
        Resumed = resumed;
    }

    /// <summary>Where the run was left before; null for a run that begins.</summary>
    public Checkpoint? Resumed { get; }

    /// <summary>Gets ready to save a run; with a line about where it goes on, if it does.</summary>
    /// <param name="saving">Where to and how; null for nowhere.</param>
    /// <param name="run">The run.</param>
    /// <param name="say">Takes the line, and later one about what could not be drawn.</param>
    /// <returns>Null where nothing is saved.</returns>
    public static RunArchive? Open(RunSaving? saving, PlannedRun run, Action<string> say)
    {
        if (saving is null)
        {
            return null;
        }

        RunFolder folder = RunFolder.Open(saving.Folder);
        ExperimentConfiguration configuration = run.Configuration;
        CheckpointFolder checkpoints = new(folder.Checkpoints, configuration, saving.Checkpoints);
        Checkpoint? resumed = saving.Resumes ? Latest(checkpoints, saving, configuration, say) : null;
        RunEvents? events = saving.WritesEvents ? new RunEvents(folder.Events, configuration, run.Data, resumed) : null;
        return new RunArchive(folder, checkpoints, events, resumed, say);
    }

    /// <summary>
    /// Gets ready to write down a run of which nothing but a line of a table is left in the end: checkpoints alone, every few seconds.
    /// </summary>
    /// <param name="folder">Where its checkpoints are; none of another run's.</param>
    /// <param name="run">The run.</param>
    /// <param name="say">Takes a line about each checkpoint that cannot be used.</param>
    public static RunArchive OfCheckpoints(string folder, PlannedRun run, Action<string> say)
    {
        CheckpointFolder checkpoints = new(folder, run.Configuration, new CheckpointRequest(Every: null, KeepOfStudy));
        return new RunArchive(folder: null, checkpoints, events: null, checkpoints.Latest(say), say);
    }

    /// <summary>Whether it is time for a checkpoint.</summary>
    /// <param name="steps">The steps so far.</param>
    public bool IsCheckpointDue(long steps) => _checkpoints.IsDue(steps);

    /// <summary>Whether checkpoints are written every few seconds, and not after so many passes or steps.</summary>
    public bool IsTimed => _checkpoints.IsTimed;

    /// <summary>Whether a run that ends early would leave steps behind that no checkpoint holds.</summary>
    /// <param name="steps">The steps so far.</param>
    public bool IsCheckpointMissing(long steps) => _checkpoints.IsOn && _checkpoints.LastSteps != steps;

    /// <summary>Saves an evaluation.</summary>
    /// <param name="steps">The steps of the run so far.</param>
    /// <param name="entry">What it gave.</param>
    /// <param name="parameters">The parameters that were evaluated.</param>
    /// <exception cref="RunFailedException">The disk is full or failing.</exception>
    public void Save(long steps, HistoryEntry entry, ReadOnlySpan<float> parameters) => _events?.Add(steps, entry, parameters);

    /// <summary>Saves a checkpoint.</summary>
    /// <exception cref="RunFailedException">The disk is full or failing.</exception>
    public void Save(Checkpoint checkpoint) => _checkpoints.Save(checkpoint);

    /// <summary>Saves that the run diverged, and what was good before.</summary>
    /// <param name="divergence">What happened.</param>
    /// <param name="before">How it stood at the evaluation before; null where that was the first.</param>
    /// <exception cref="RunFailedException">The disk is full or failing.</exception>
    public void Save(RunDivergence divergence, RunOutcome? before)
    {
        if (before is not null)
        {
            Save(before);
        }

        _folder?.Save(divergence);
    }

    /// <summary>Saves what the run leaves behind.</summary>
    /// <exception cref="RunFailedException">The disk is full or failing.</exception>
    public void Save(RunOutcome outcome)
    {
        _folder?.Save(outcome.Configuration, outcome.Result, outcome.Parameters);
        if (_events?.Finish(outcome.Result, outcome.Parameters) is { } why)
        {
            _say($"note: {_folder!.Events} has no picture of the misclassified digits. {why}");
        }
    }

    /// <summary>Deletes the checkpoints of a run that has come to its end.</summary>
    /// <exception cref="RunFailedException">The disk is failing.</exception>
    public void Discard() => _checkpoints.Discard();

    /// <inheritdoc/>
    public void Dispose() => _events?.Dispose();

    private static Checkpoint? Latest(
        CheckpointFolder checkpoints, RunSaving saving, ExperimentConfiguration configuration, Action<string> say)
    {
        Checkpoint? latest = checkpoints.Latest(say);
        if (latest is null && checkpoints.Count > 0 && !saving.AcceptsChanges)
        {
            throw new BadInputException(FormattableString.Invariant(
                $"None of the {checkpoints.Count:N0} checkpoints in {Path.Combine(saving.Folder, "checkpoints")} can be used: see above. ")
                + "Put a copy of a good one there; or give --accept-changes, and the run begins anew.");
        }

        say(latest is null
            ? FormattableString.Invariant($"resume: seed {configuration.Seed} has no checkpoint, and begins anew")
            : FormattableString.Invariant(
                $"resume: seed {configuration.Seed} goes on after {latest.Steps:N0} of {configuration.TotalSteps:N0} steps"));
        return latest;
    }
}
