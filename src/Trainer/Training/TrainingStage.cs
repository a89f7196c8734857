using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Training;

/// <summary>One of the experiments that a job trains one after the other, ready to be trained.</summary>
/// <param name="First">The run of its first seed.</param>
/// <param name="Number">Which of the stages it is, from 1.</param>
/// <param name="Stages">How many there are.</param>
internal sealed record TrainingStage(PlannedRun First, int Number, int Stages)
{
    /// <summary>Whether it is the experiment that was asked for, not one that it starts from.</summary>
    public bool IsLast => Number == Stages;

    /// <summary>Its runs, with seeds that count up.</summary>
    /// <param name="starts">What each run starts from.</param>
    public PlannedRun[] Runs(IReadOnlyList<TrainingStart?> starts) =>
        [.. starts.Select((start, index) => First.OfSeed(First.Configuration.Seed + (uint)index) with { Start = start })];

    /// <summary>Where a run of this stage is saved.</summary>
    /// <param name="run">Where that of the last stage is; null for nowhere.</param>
    public RunFolder? FolderIn(RunFolder? run)
    {
        for (int later = Number; later < Stages; later++)
        {
            run = run?.OfStart();
        }

        return run;
    }
}
