using GpuConvnet.Kernels.Training;

namespace GpuConvnet.Kernels.Choosing;

/// <summary>Which kernels take a training's steps on a device, and what decided it: what is kept for later starts.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Date">When they were timed, in UTC.</param>
/// <param name="Device">The device.</param>
/// <param name="Step">The step that was timed.</param>
/// <param name="Rounds">How many times each was timed; fewer than <see cref="StepContest.LeastRounds"/> decided nothing.</param>
/// <param name="Times">A step's time by each that was timed.</param>
/// <param name="Refused">Those that were not.</param>
internal sealed record KeptChoice(
    KernelChoice Kernels,
    DateTime Date,
    string Device,
    string Step,
    int Rounds,
    IReadOnlyList<KernelTime> Times,
    IReadOnlyList<KernelRefusal> Refused)
{
    /// <summary>Whether steps were timed often enough to say which are faster.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsDecided => Rounds >= StepContest.LeastRounds;
}
