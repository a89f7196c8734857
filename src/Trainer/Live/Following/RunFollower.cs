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
internal sealed class RunFollower(LiveBoard board, string folder, DataFolder data, Func<string, bool> isStudy)
{
    private readonly Dictionary<string, Followed> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<DataRequest, Lazy<LiveDigits>> _digits = [];

    /// <summary>How many runs it knows.</summary>
    public int Count => _runs.Count;

    /// <summary>Looks for what is new.</summary>
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
        if (!_runs.TryGetValue(path, out Followed? known))
        {
            ExperimentConfiguration configuration = run.ReadConfiguration();
            LiveRun shown = board.Add(new LiveRunOrder(NameOf(path), configuration, DigitsOf(configuration))
            {
                Cores = Environment.ProcessorCount,
                Device = run.ReadEnvironment(_ => { }) is { } environment ? $"{environment.Accelerator}, {environment.Device}" : null,
            });
            _runs[path] = known = new Followed(shown);
        }

        if (known.Stamp != stamp)
        {
            Follow(run, known.Run);
            known.Stamp = stamp;
        }
    }

    private static void Follow(RunFolder run, LiveRun shown)
    {
        if (run.ReadDivergence() is { } divergence)
        {
            shown.Follow(shown.Progress, [], parameters: null, LiveState.Failed, divergence.Message);
        }

        if (run.ReadResults() is [{ } result])
        {
            LiveState state = run.ReadDivergence() is not null || result.Failure is not null ? LiveState.Failed
                : result.Interrupted ? run.IsHeld ? LiveState.Training : LiveState.Interrupted
                : LiveState.Finished;
            shown.Follow(
                new LiveProgress(result.Steps, result.Seconds.Train), result.History,
                Fitting(run.ReadParameters(), shown), state, result.Failure);
            return;
        }

        ExperimentConfiguration configuration = shown.Configuration;
        CheckpointFolder checkpoints = new(run.Checkpoints, configuration, new CheckpointRequest(null, CheckpointRequest.DefaultKeep));
        LiveState under = run.IsHeld ? LiveState.Training : LiveState.Unfinished;
        if (checkpoints.Latest(_ => { }) is { } latest)
        {
            shown.Follow(
                new LiveProgress(latest.Steps, latest.TrainSeconds), latest.History.Entries, latest.State.Parameters, under, message: null);
        }
        else if (shown.State is not LiveState.Failed)
        {
            shown.Follow(shown.Progress, [], parameters: null, under, message: null);
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

    /// <summary>The digits of an experiment, if they are at hand: loaded when somebody looks, once for all runs that share them.</summary>
    private Lazy<LiveDigits> DigitsOf(ExperimentConfiguration configuration)
    {
        if (!_digits.TryGetValue(configuration.Data, out Lazy<LiveDigits>? digits))
        {
            _digits[configuration.Data] = digits = new Lazy<LiveDigits>(() => Load(configuration));
        }

        return digits;
    }

    private LiveDigits Load(ExperimentConfiguration configuration)
    {
        if (configuration.Dataset.WhyNotAtHand(data) is { } why)
        {
            return new LiveDigits(null, null, why);
        }

        try
        {
            LoadedData loaded = DataSets.Load(configuration.Data, data, _ => { }, CancellationToken.None);
            return new LiveDigits(loaded.Train, loaded.Test, WhyNot: null);
        }
        catch (BadInputException failure)
        {
            return new LiveDigits(null, null, failure.Message);
        }
    }

    private sealed class Followed(LiveRun run)
    {
        public LiveRun Run => run;

        public string Stamp { get; set; } = "";
    }
}
