using System.Diagnostics;
using System.Globalization;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Checkpoints;

/// <summary>The checkpoints of one run: a few, each whole; the oldest goes when a new one is there.</summary>
internal sealed class CheckpointFolder
{
    private const string Prefix = "step-";
    private const string Extension = ".checkpoint";

    // Often enough that little is lost, seldom enough that a second's training does not become two.
    private static readonly TimeSpan s_leastTime = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly CheckpointRequest _request;
    private readonly HistoryLog _history;
    private readonly string _configuration;
    private readonly string _wholeConfiguration;
    private readonly long _totalSteps;
    private readonly int _parameters;
    private readonly long _stepsBetween;
    private long _last = Stopwatch.GetTimestamp();
    private long _lastSteps;

    /// <summary>Prepares the folder; it is created with the first checkpoint.</summary>
    /// <param name="path">Where the checkpoints are.</param>
    /// <param name="configuration">The run's configuration, everything resolved.</param>
    /// <param name="request">How often, and how many are kept.</param>
    public CheckpointFolder(string path, ExperimentConfiguration configuration, CheckpointRequest request)
    {
        _path = path;
        _request = request;
        _history = new HistoryLog(path);
        _parameters = configuration.ParameterCount;
        _configuration = ConfigurationFile.FingerprintOfSteps(configuration);
        _wholeConfiguration = ConfigurationFile.Fingerprint(configuration);
        _totalSteps = configuration.TotalSteps;
        _stepsBetween = (request.Every ?? 0) * (configuration.CountsPasses ? configuration.StepsPerPass : 1L);
    }

    /// <summary>The newest checkpoint that is whole and of this configuration; null if there is none.</summary>
    /// <param name="say">Takes a line about each that cannot be used.</param>
    public Checkpoint? Latest(Action<string> say)
    {
        foreach (string path in Files().Reverse())
        {
            try
            {
                Checkpoint checkpoint = CheckpointFile.Read(path, _parameters);
                if (checkpoint.Steps > _totalSteps)
                {
                    say($"{path} belongs to a longer run; taking the one before it.");
                }
                else if (checkpoint.Configuration == _configuration || checkpoint.Configuration == _wholeConfiguration)
                {
                    // Checkpoints of earlier versions have the fingerprint of the whole configuration.
                    _lastSteps = checkpoint.Steps;
                    return checkpoint.History.Count == 0
                        ? checkpoint
                        : checkpoint with { History = _history.Read(checkpoint.History, say) };
                }
                else
                {
                    say($"{path} belongs to a run with other settings; taking the one before it.");
                }
            }
            catch (BadInputException failure)
            {
                say($"{failure.Message} Taking the one before it.");
            }
        }

        return null;
    }

    /// <summary>How many checkpoints there are, whether they can be used or not.</summary>
    public int Count => Files().Count();

    /// <summary>Whether it is time for a checkpoint.</summary>
    /// <param name="steps">The steps so far.</param>
    public bool IsDue(long steps) => _request.Every switch
    {
        null => Stopwatch.GetElapsedTime(_last) >= s_leastTime,
        0 => false,
        _ => steps / _stepsBetween > _lastSteps / _stepsBetween,
    };

    /// <summary>Whether checkpoints are written every few seconds, and not after so many passes or steps.</summary>
    public bool IsTimed => _request.Every is null;

    /// <summary>The steps at the last checkpoint; 0 for none.</summary>
    public long LastSteps => _lastSteps;

    /// <summary>Whether checkpoints are written at all.</summary>
    public bool IsOn => _request.Every != 0;

    /// <summary>
    /// Writes a checkpoint, and deletes the oldest if there are more before it than are to be kept. Those of later steps, which are none of
    /// this run or damaged, stay, and do not count.
    /// </summary>
    /// <param name="checkpoint">The checkpoint; its configuration is filled in here.</param>
    /// <exception cref="RunFailedException">The disk is full or failing; the checkpoints before it are as they were.</exception>
    public void Save(Checkpoint checkpoint)
    {
        string path = Path.Combine(
            _path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{checkpoint.Steps:D10}{Extension}"));
        try
        {
            Disk.CreateFolder(_path);
            if (checkpoint.History.Count > 0)
            {
                _history.Save(checkpoint.History);
            }

            AtomicFile.Write(
                path, stream => CheckpointFile.Write(stream, checkpoint with { Configuration = _configuration }));

            // Only now: this one is on the disk, with its name.
            string[] earlier = [.. Files().Where(file => string.CompareOrdinal(file, path) < 0)];
            foreach (string old in earlier[..Math.Max(0, earlier.Length + 1 - _request.Keep)])
            {
                File.Delete(old);
            }
        }
        catch (Exception failure) when (failure is RunFailedException or BadInputException or IOException or UnauthorizedAccessException)
        {
            string? last = Files().LastOrDefault(file => string.CompareOrdinal(file, path) < 0);
            throw new RunFailedException(
                $"The checkpoint could not be written: {failure.Message} "
                + (last is null ? "There is no earlier one." : $"The last good one is {last}; --resume goes on from it."),
                failure);
        }

        _last = Stopwatch.GetTimestamp();
        _lastSteps = checkpoint.Steps;
    }

    /// <summary>Deletes them all: the run has come to its end, and nothing else is to be left of it.</summary>
    /// <exception cref="RunFailedException">The disk is failing.</exception>
    public void Discard()
    {
        try
        {
            if (Directory.Exists(_path))
            {
                Directory.Delete(_path, recursive: true);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new RunFailedException($"The checkpoints in {_path} could not be deleted: {failure.Message}", failure);
        }
    }

    private IEnumerable<string> Files() => Directory.Exists(_path)
        ? Directory.EnumerateFiles(_path, Prefix + "*" + Extension).Order(StringComparer.Ordinal)
        : [];
}
