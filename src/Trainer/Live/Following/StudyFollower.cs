using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Live.Following;

/// <summary>Shows the runs of a study that others train, each when it is finished: nothing is written before.</summary>
/// <param name="board">Where they are shown.</param>
/// <param name="study">The study.</param>
internal sealed class StudyFollower(LiveBoard board, IStudy study) : IFollower
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    private readonly string _without = $"The networks of a {study.Kind} are not kept: train one with its settings to see it.";

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public void Look()
    {
        string[] files;
        try
        {
            files = [.. study.Files().Where(file => !_seen.Contains(file)).OrderBy(File.GetLastWriteTimeUtc)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It has gone, with all that it held.
            files = [];
        }

        foreach (string file in files)
        {
            try
            {
                Show(study.Read(file));
                Count++;
            }
            catch (BadInputException)
            {
                // The study sets it aside when it goes on, and makes the run again: under the same name, but that is seldom.
            }

            _seen.Add(file);
        }

        string of = study.Runs is { } all ? FormattableString.Invariant($" of {all:N0}") : "";
        string many = FormattableString.Invariant($"{Count:N0}{of} runs");
        board.Say($"{many} of this {study.Kind} are finished, and "
            + (FolderHold.IsHeld(study.FullPath) ? "it goes on." : "no program goes on with it now."));
    }

    private void Show(StudyRun run)
    {
        ExperimentConfiguration configuration = run.Configuration;
        LiveRun shown = board.Add(new LiveRunOrder(run.Name, configuration, new Lazy<LiveDigits>(new LiveDigits(null, null, _without)))
        {
            Cores = 0,
            WithoutNetwork = _without,
        });
        if (run is { Train: { } train, Test: { } test })
        {
            HistoryEntry end = new()
            {
                Pass = configuration.CountsPasses ? configuration.Passes : null,
                Step = configuration.CountsPasses ? null : configuration.TotalSteps,
                Train = train,
                Test = test,
                Seconds = run.Seconds,
            };
            LiveProgress whole = new(configuration.TotalSteps, run.Seconds);
            shown.Follow(whole, [end], parameters: null, LiveState.Finished, message: null);
        }
        else
        {
            shown.Follow(new LiveProgress(0, run.Seconds), [], parameters: null, LiveState.Failed, "It diverged.");
        }
    }
}
