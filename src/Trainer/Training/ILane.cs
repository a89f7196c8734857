namespace GpuConvnet.Trainer.Training;

/// <summary>What trains one run at a time. Used by one thread at a time.</summary>
internal interface ILane : IDisposable
{
    /// <summary>A run that is to be trained here; nothing is done before it is executed.</summary>
    LaneRun Take(PlannedRun run);
}
