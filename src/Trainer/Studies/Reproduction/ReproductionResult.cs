namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>The whole table, as <c>--json</c> prints it and <c>reproduction.json</c> holds it.</summary>
internal sealed record ReproductionResult : ExperimentsResult<ReproducedRow>
{
    /// <summary>What our times are compared with.</summary>
    public required PyTorchPace PyTorch { get; init; }
}
