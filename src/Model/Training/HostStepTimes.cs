using System.Diagnostics;

namespace GpuConvnet.Model.Training;

/// <summary>Where the time of a step on the host goes.</summary>
/// <param name="Threads">How many threads formed gradients.</param>
/// <param name="Passes">Seconds of each pass, of all threads together, in the order of the trainer's passes.</param>
/// <param name="GradientSeconds">By the wall clock, all slices' gradients: the passes, and the threads' waits.</param>
/// <param name="SumSeconds">Adding the slices up, on one thread.</param>
/// <param name="UpdateSeconds">The optimizer, on one thread.</param>
internal sealed record HostStepTimes(
    int Threads, IReadOnlyList<double> Passes, double GradientSeconds, double SumSeconds, double UpdateSeconds)
{
    /// <summary>A step's times.</summary>
    /// <param name="threads">How many threads formed gradients.</param>
    /// <param name="passes">Seconds of each pass, of all threads together.</param>
    /// <param name="begun">When gradients were begun, as <see cref="Stopwatch.GetTimestamp"/> has it; so do all of these.</param>
    /// <param name="sliced">When slices had their gradients.</param>
    /// <param name="summed">When they were added up.</param>
    /// <param name="updated">When the optimizer had moved the parameters.</param>
    public static HostStepTimes Of(
        int threads, IReadOnlyList<double> passes, long begun, long sliced, long summed, long updated) => new(
        threads,
        passes,
        Stopwatch.GetElapsedTime(begun, sliced).TotalSeconds,
        Stopwatch.GetElapsedTime(sliced, summed).TotalSeconds,
        Stopwatch.GetElapsedTime(summed, updated).TotalSeconds);
}
