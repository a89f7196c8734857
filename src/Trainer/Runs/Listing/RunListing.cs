using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Listing;

/// <summary>A saved run in the list of <c>trainer runs</c>.</summary>
internal sealed record RunListing
{
    /// <summary>The run's folder, as the user would name it.</summary>
    public required string Folder { get; init; }

    /// <summary>How far it came.</summary>
    public required RunState State { get; init; }

    /// <summary>What is wrong with it, if it is damaged.</summary>
    public string? Problem { get; init; }

    /// <summary>When it was started, UTC; of one that does not say, when its configuration was written.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>The configuration's name.</summary>
    public string? Experiment { get; init; }

    /// <summary>What trained it.</summary>
    public string? Accelerator { get; init; }

    /// <summary>Whether <c>--resume</c> goes on with it; replicas write no checkpoints.</summary>
    public bool IsResumable { get; init; } = true;

    /// <summary>How many seeds; 1 for a single run.</summary>
    public int Runs { get; init; }

    /// <summary>The seed, the first of several.</summary>
    public uint Seed { get; init; }

    /// <summary>The steps taken; of several runs the most.</summary>
    public long Steps { get; init; }

    /// <summary>The steps that it was to take.</summary>
    public long TotalSteps { get; init; }

    /// <summary>
    /// The misses of the training digits over the seeds; null before the first evaluation that was written down.
    /// </summary>
    public Statistic? TrainMisses { get; init; }

    /// <summary>
    /// <see cref="RunResult.Validation"/> for a run on validation digits; null where it is tested on the test split.
    /// </summary>
    public string? TestedOn { get; init; }

    /// <summary>The misses of the digits that it is tested on.</summary>
    public Statistic? TestMisses { get; init; }

    /// <summary>The time spent training, the mean over the seeds.</summary>
    public double? TrainSeconds { get; init; }

    /// <summary>Looks at a run's folder.</summary>
    /// <param name="path">The folder.</param>
    public static RunListing Of(string path)
    {
        try
        {
            RunFolder folder = RunFolder.Open(path);
            if (!RunFolder.IsRun(path))
            {
                throw new BadInputException("There is no run in it.");
            }

            ExperimentConfiguration configuration = folder.ReadConfiguration();
            IReadOnlyList<RunResult> results = folder.ReadResults();
            RunEnvironment? environment = folder.ReadEnvironment(_ => { });
            RunOrder? order = folder.HasOrder ? folder.ReadOrder(_ => { }) : null;
            RunListing listing = new()
            {
                Folder = path,
                IsResumable = order is not { Replicas: true },
                State = results.Count == 0 ? RunState.Unfinished : RunState.Finished,
                Started = environment?.Started ?? folder.Written,
                Experiment = configuration.Experiment,
                Accelerator = results.Count > 0 ? results[0].Accelerator : environment?.Accelerator,
                Runs = Math.Max(1, results.Count),
                Seed = configuration.Seed,
                TotalSteps = configuration.TotalSteps,
                TestedOn = configuration.IsValidation ? RunResult.Validation : null,
            };
            if (results.Count == 0)
            {
                Checkpoint? latest = new CheckpointFolder(
                    folder.Checkpoints, configuration, new CheckpointRequest(null, CheckpointRequest.DefaultKeep)).Latest(_ => { });
                return latest is null ? listing : listing with
                {
                    Steps = latest.Steps,
                    TrainMisses = Statistic.Of([latest.History.Last.Train.Misses]),
                    TestMisses = Statistic.Of([latest.History.Last.Test.Misses]),
                    TrainSeconds = latest.TrainSeconds,
                };
            }

            return listing with
            {
                State = RunFolder.IsWhole(results, order) ? RunState.Finished : RunState.Interrupted,
                Steps = results.Max(result => result.Steps),
                TrainMisses = Statistic.Of([.. results.Select(result => (double)result.Train.Misses)]),
                TestMisses = Statistic.Of([.. results.Select(result => (double)result.Test.Misses)]),
                TrainSeconds = results.Average(result => result.Seconds.Train),
            };
        }
        catch (Exception failure) when (failure is BadInputException or IOException or UnauthorizedAccessException)
        {
            return new RunListing { Folder = path, State = RunState.Damaged, Problem = failure.Message };
        }
    }
}
