using System.Text.Json.Serialization;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;

namespace GpuConvnet.Kernels.Choosing;

/// <summary>Kernels that could have been chosen and were not even timed.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Reason">Why not, as the end of a sentence about them.</param>
internal sealed record KernelRefusal(KernelChoice Kernels, string Reason)
{
    /// <summary>What a failure says of kernels.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="failure">What they met with.</param>
    public static KernelRefusal For(KernelChoice kernels, Exception failure) => new(kernels, failure.Message)
    {
        IsPassing = failure is DeviceException { IsOutOfMemory: true },
    };

    /// <summary>Whether the reason is one of the moment: another program had the device's memory.</summary>
    [JsonIgnore]
    public bool IsPassing { get; private init; }
}
