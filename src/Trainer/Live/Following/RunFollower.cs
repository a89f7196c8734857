using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Live.Following;

/// <summary>
/// Shows runs that others train, by what these write into their folders: the configuration first, then checkpoints and the log of
/// evaluations beside them, at last the result. Files may be replaced at any moment; what cannot be read now is read the next time.
/// </summary>
/// <param name="board">Where they are shown.</param>
/// <param name="folder">The folder of runs, or of one.</param>
/// <param name="data">Where data sets lie; nothing is downloaded.</param>
/// <param name="isStudy">Whether a folder is a study's, whose runs have no folders.</param>
internal sealed class RunFollower(LiveBoard board, string folder, DataFolder data, Func<string, bool> isStudy) : IFollower
{
    private readonly Dictionary<string, Followed> _runs = new(StringComparer.Ordinal);
    private readonly DigitsAtHand _digits = new(data);

    /// <inheritdoc/>
    public int Count => _runs.Count;

    /// <inheritdoc/>
    public void Look()
    {
        foreach (string path in Folders())
        {
            try
            {
                Look(path);
            }
            catch (Exception failure) when (failure is BadInputException or IOException or UnauthorizedAccessException)
            {
                // Written at this moment, or damaged: 'trainer runs' says so.
            }
        }

        foreach ((string path, Followed known) in _runs)
        {
            if (!known.Run.HasEnded && !Directory.Exists(path))
            {
                known.Run.End(LiveState.Stopped, "Its folder is not there any more.");
            }
        }
    }

    private string[] Folders()
    {
        try
        {
            IEnumerable<string> runs = RunFolder.IsRun(folder) ? [folder] : RunFolder.In(folder, isStudy);
            return [.. runs.SelectMany(RunFolder.PartsOf).Order(StringComparer.Ordinal)];
        }
        catch (Exception failure) when (failure is BadInputException or IOException or UnauthorizedAccessException)
        {
            // It comes and goes with those who write there.
            return [];
        }
    }

    private void Look(string path)
    {
        RunFolder run = new(path);
        if (!RunFolder.IsRun(path))
        {
            return;
        }

        string stamp = run.Stamp;
        _runs.TryGetValue(path, out Followed? known);
        if (known?.Stamp == stamp)
        {
            return;
        }

        ExperimentConfiguration configuration = run.ReadConfiguration();
        string settings = ConfigurationFile.Fingerprint(configuration);
        DateTimeOffset? started = run.Started;
        LiveRun shown = known is null ? board.Add(OrderOf(run, configuration))
            : known.Is(settings, started) ? known.Run
            : board.Replace(known.Run, OrderOf(run, configuration));

        // Without its stamp as long as the rest has not been read.
        _runs[path] = new Followed(shown, settings, started, Stamp: "");
        Follow(run, shown);
        _runs[path] = new Followed(shown, settings, started, stamp);
    }

    private LiveRunOrder OrderOf(RunFolder run, ExperimentConfiguration configuration) =>
        new(NameOf(run.FullPath), configuration, _digits.Of(configuration))
        {
            Cores = Environment.ProcessorCount,
            Device = run.ReadEnvironment(_ => { }) is { } environment ? $"{environment.Accelerator}, {environment.Device}" : null,
        };

    private static void Follow(RunFolder run, LiveRun shown)
    {
        RunDivergence? divergence = run.ReadDivergence();
        bool isHeld = run.IsHeld;
        if (run.ReadResults() is [{ } result])
        {
            LiveState state = divergence is not null || result.Failure is not null ? LiveState.Failed
                : result.Interrupted ? isHeld ? LiveState.Training : LiveState.Interrupted
                : LiveState.Finished;
            shown.Follow(
                new LiveProgress(result.Steps, result.Seconds.Train), result.History,
                Fitting(run.ReadParameters(), shown), state, result.Failure ?? divergence?.Message);
            return;
        }

        ExperimentConfiguration configuration = shown.Configuration;
        CheckpointFolder checkpoints = new(run.Checkpoints, configuration, new CheckpointRequest(null, CheckpointRequest.DefaultKeep));
        (LiveState under, string? message) = divergence is not null ? (LiveState.Failed, divergence.Message)
            : isHeld ? (LiveState.Training, null)
            : (LiveState.Stopped, "Its program ended without a word, and no other goes on with it.");
        if (checkpoints.Latest(_ => { }) is { } latest)
        {
            shown.Follow(
                new LiveProgress(latest.Steps, latest.TrainSeconds), latest.History.Entries, latest.State.Parameters, under, message);
        }
        else
        {
            shown.Follow(shown.Progress, [], parameters: null, under, message);
        }
    }

    /// <summary>
    /// Parameters that fit the network that is shown; null for those of another, which a folder that is used anew may hold.
    /// </summary>
    private static float[]? Fitting(float[]? parameters, LiveRun shown) =>
        parameters?.Length == shown.Configuration.ParameterCount ? parameters : null;

    private string NameOf(string path)
    {
        string name = Path.GetRelativePath(Path.GetFullPath(folder), Path.GetFullPath(path));
        return name == "." ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))) : name;
    }

    /// <summary>A run as it was when it was looked at.</summary>
    /// <param name="Run">Where it is shown.</param>
    /// <param name="Settings">Tells its configuration from others.</param>
    /// <param name="Started">When it was begun; null where that is not known.</param>
    /// <param name="Stamp">Changes when something about it is written.</param>
    private sealed record Followed(LiveRun Run, string Settings, DateTimeOffset? Started, string Stamp)
    {
        /// <summary>Whether it is still that run which the folder has.</summary>
        public bool Is(string settings, DateTimeOffset? started) =>
            settings == Settings && (started is null || Started is null || started == Started);
    }
}
