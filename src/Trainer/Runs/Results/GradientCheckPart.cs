namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>How the two gradients of one part of the parameters compare.</summary>
/// <param name="Part">The part's name.</param>
/// <param name="Parameters">How many parameters the part has.</param>
/// <param name="Checked">How many of them were compared.</param>
/// <param name="Skipped">How many more were looked at, but lie at a kink of the loss, where no derivative exists.</param>
/// <param name="Scale">The root mean square of the part's analytic gradient.</param>
/// <param name="WorstError">The largest difference, relative to <paramref name="Scale"/>.</param>
/// <param name="WorstIndex">The parameter in the part, from 0, that has it.</param>
/// <param name="Passed">Whether that is within the tolerance, and enough parameters were compared.</param>
internal sealed record GradientCheckPart(
    string Part, int Parameters, int Checked, int Skipped, double Scale, double WorstError, int WorstIndex, bool Passed);
