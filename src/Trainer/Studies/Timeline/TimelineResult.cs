namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>The whole timeline, as <c>--json</c> prints it and <c>timeline.json</c> holds it.</summary>
internal sealed record TimelineResult : ExperimentsResult<TimelinePoint>;
