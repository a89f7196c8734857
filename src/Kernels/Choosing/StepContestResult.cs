namespace GpuConvnet.Kernels.Choosing;

/// <summary>What a <see cref="StepContest"/> found.</summary>
/// <param name="Winner">Which way is to be taken: the first, unless another was clearly faster.</param>
/// <param name="Seconds">
/// The median of a step's seconds by each way; of a single step where there was no time for more, and of fewer ways where there was not
/// even time for that.
/// </param>
/// <param name="Rounds">How many times each way was timed; 0 to 2 decide nothing.</param>
internal sealed record StepContestResult(int Winner, IReadOnlyList<double> Seconds, int Rounds);
