using System.Runtime.InteropServices;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>The machine and the program of a measurement.</summary>
/// <param name="Program">The program's version.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="System">The operating system.</param>
/// <param name="Architecture">The processor's architecture.</param>
/// <param name="Processor">The processor.</param>
/// <param name="Cores">How many cores the program may use.</param>
internal sealed record BenchmarkEnvironment(
    string Program, string Runtime, string System, string Architecture, string Processor, int Cores)
{
    /// <summary>This machine and this program.</summary>
    public static BenchmarkEnvironment Here() => new(
        typeof(BenchmarkEnvironment).Assembly.GetName().Version?.ToString(3) ?? "unknown",
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        HostProcessor.Name,
        Environment.ProcessorCount);
}
