using System.Reflection;
using System.Runtime.InteropServices;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What a run was made with: what <c>environment.json</c> holds, written when the run starts.</summary>
/// <param name="Program">The program's version, with the commit that it was built from where that is known.</param>
/// <param name="DotNet">The runtime's name and version.</param>
/// <param name="OperatingSystem">The system's name and version.</param>
/// <param name="Processor">The processor and its widest instruction set.</param>
/// <param name="Cores">How many logical cores it has.</param>
/// <param name="Accelerator">What trained: <c>cuda</c>, <c>opencl</c>, <c>cpu</c> or <c>host</c>.</param>
/// <param name="Device">The device's own name.</param>
/// <param name="Driver">The device's driver or platform; left out for the host.</param>
/// <param name="Started">When the run started, UTC.</param>
/// <param name="Arguments">The program's arguments.</param>
internal sealed record RunEnvironment(
    string Program,
    string DotNet,
    string OperatingSystem,
    string Processor,
    int Cores,
    string Accelerator,
    string Device,
    string? Driver,
    DateTimeOffset Started,
    IReadOnlyList<string> Arguments)
{
    /// <summary>A copy of the order; null in runs of earlier versions.</summary>
    public RunOrder? Order { get; init; }

    /// <summary>What was different when the run went on with <c>--accept-changes</c>; null for nothing.</summary>
    public IReadOnlyList<string>? Changes { get; init; }

    /// <summary>The version of the program that runs, with the commit that it was built from where that is known.</summary>
    public static string ProgramVersion =>
        typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The environment of this very process.</summary>
    /// <param name="processor">The processor's name.</param>
    /// <param name="accelerator">What trains.</param>
    /// <param name="device">The device's own name.</param>
    /// <param name="driver">The device's driver; null for the host.</param>
    public static RunEnvironment Now(string processor, string accelerator, string device, string? driver) => new(
        ProgramVersion,
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription,
        processor,
        Environment.ProcessorCount,
        accelerator,
        device,
        driver,
        DateTimeOffset.UtcNow,
        Environment.GetCommandLineArgs()[1..]);
}
