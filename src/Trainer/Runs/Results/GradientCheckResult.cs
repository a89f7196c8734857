namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What <c>trainer gradcheck</c> found.</summary>
/// <param name="Experiment">The configuration's name.</param>
/// <param name="Examples">Over how many examples the mean loss was taken.</param>
/// <param name="Tolerance">The largest relative error that passes.</param>
/// <param name="Parts">The eight parts.</param>
/// <param name="Passed">Whether all parts pass.</param>
internal sealed record GradientCheckResult(
    string Experiment, int Examples, double Tolerance, IReadOnlyList<GradientCheckPart> Parts, bool Passed);
