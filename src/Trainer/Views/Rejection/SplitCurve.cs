namespace GpuConvnet.Trainer.Views.Rejection;

/// <summary>The rejection curve of one split.</summary>
/// <param name="Split">Which split: <c>training</c>, <c>validation</c> or <c>test</c>.</param>
/// <param name="Curve">Its curve.</param>
internal sealed record SplitCurve(string Split, RejectionCurve Curve);
