using GpuConvnet.Trainer.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>What trains, and why it was chosen.</summary>
/// <param name="Accelerator">The name that results record.</param>
/// <param name="Device">The device's own name.</param>
/// <param name="Reason">Why this one, for the user.</param>
internal sealed record EngineChoice(string Accelerator, string Device, string Reason)
{
    /// <summary>The names of the choices on the command line.</summary>
    public static NameTable<AcceleratorKind> Names { get; } = new(
        ("auto", AcceleratorKind.Auto),
        ("cuda", AcceleratorKind.Cuda),
        ("opencl", AcceleratorKind.OpenCL),
        ("cpu", AcceleratorKind.Cpu),
        ("host", AcceleratorKind.Host));

    /// <summary>Chooses what trains a configuration.</summary>
    /// <param name="accelerator">What was asked for.</param>
    /// <param name="device">Which device of that kind was asked for, from 0; null for the first.</param>
    /// <param name="batch">The examples of a step.</param>
    /// <exception cref="BadInputException">This build cannot do that; nothing falls back in silence.</exception>
    public static EngineChoice For(AcceleratorKind accelerator, int? device, BatchSize batch)
    {
        const string Limit = "This build trains per example on the CPU only";
        if (accelerator is AcceleratorKind.Cuda or AcceleratorKind.OpenCL)
        {
            throw new BadInputException(
                $"--accelerator {Names[accelerator]} is not available. {Limit}; use --accelerator auto, host or cpu.");
        }

        if (batch != BatchSize.PerExample)
        {
            throw new BadInputException($"A batch of {batch} is not available. {Limit}; use --per-example.");
        }

        if (device is > 0)
        {
            throw new BadInputException($"There is no device {device}: the CPU is one device, 0. Leave --device out.");
        }

        string name = Names[accelerator == AcceleratorKind.Auto ? AcceleratorKind.Host : accelerator];
        string reason = accelerator == AcceleratorKind.Auto
            ? "training per example runs on one core of the CPU"
            : "as asked for, on one core";
        return new EngineChoice(name, HostProcessor.Name, reason);
    }
}
