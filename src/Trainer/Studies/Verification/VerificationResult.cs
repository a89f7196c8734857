using GpuConvnet.Model.Verification;

namespace GpuConvnet.Trainer.Studies.Verification;

/// <summary>The outcome of <c>trainer verify</c>.</summary>
/// <param name="Accelerator">What was verified.</param>
/// <param name="Device">Its device's name.</param>
/// <param name="Passed">Whether every check passed.</param>
/// <param name="Checks">All checks.</param>
internal sealed record VerificationResult(
    string Accelerator, string Device, bool Passed, IReadOnlyList<VerificationCheck> Checks);
