namespace GpuConvnet.Model.Training;

/// <summary>Where the time of a step on the host goes.</summary>
/// <param name="Threads">How many threads formed gradients.</param>
/// <param name="Passes">Seconds of each pass, of all threads together, in the order of the trainer's passes.</param>
/// <param name="GradientSeconds">By the wall clock, all slices' gradients: the passes, and the threads' waits.</param>
/// <param name="SumSeconds">Adding the slices up, on one thread.</param>
/// <param name="UpdateSeconds">The optimizer, on one thread.</param>
internal sealed record HostStepTimes(
    int Threads, IReadOnlyList<double> Passes, double GradientSeconds, double SumSeconds, double UpdateSeconds);
