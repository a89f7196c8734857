using System.CommandLine;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The options that choose a device and how it takes a step, the same for every command that has them.</summary>
/// <param name="accelerator">What the command's help says about <c>--accelerator</c>.</param>
/// <param name="kernels">What it says about <c>--kernels</c>; empty for a command without that option.</param>
/// <param name="takesEvery">Whether the command may train on every device of a kind, a run each.</param>
internal sealed class DeviceOptions(string accelerator, string kernels = "", bool takesEvery = false)
{
    private const string Every = "all";
    private const long EveryNumber = -1;

    /// <summary><c>--accelerator</c>: what computes.</summary>
    public Option<string?> Accelerator { get; } =
        new Option<string?>("--accelerator", "-a") { Description = accelerator }.OneOf(ConfigurationNames.Accelerator.Names);

    /// <summary><c>--device</c>: which of several.</summary>
    public Option<long?> Device { get; } = NumberOption.Create(
        "--device",
        0,
        255,
        "Which device of that kind, from 0, as 'trainer devices' lists them"
            + (takesEvery ? $"; {Every}: every one, a run each" : ""),
        takesEvery ? (Every, EveryNumber) : null);

    /// <summary><c>--kernels</c>: how it takes a step.</summary>
    public Option<string?> Kernels { get; } =
        new Option<string?>("--kernels") { Description = kernels }.OneOf(ConfigurationNames.Kernels.Names);

    /// <summary>What is to compute; auto where nothing is named.</summary>
    public AcceleratorKind Kind(ParseResult arguments) =>
        ConfigurationNames.Accelerator.TryParse(arguments.GetValue(Accelerator), out AcceleratorKind kind) ? kind : AcceleratorKind.Auto;

    /// <summary>Which device of that kind, from 0; null where none is named.</summary>
    public int? Index(ParseResult arguments) => IsEvery(arguments) ? null : (int?)arguments.GetValue(Device);

    /// <summary>Whether every device of that kind is to train, a run each.</summary>
    public bool IsEvery(ParseResult arguments) => arguments.GetValue(Device) == EveryNumber;

    /// <summary>Which kernels it is to use; auto where nothing is named.</summary>
    public KernelChoice Choice(ParseResult arguments) =>
        ConfigurationNames.Kernels.TryParse(arguments.GetValue(Kernels), out KernelChoice choice) ? choice : KernelChoice.Auto;
}
