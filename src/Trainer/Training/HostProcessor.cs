using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GpuConvnet.Trainer.Training;

/// <summary>The processor that the program runs on.</summary>
internal static class HostProcessor
{
    /// <summary>Its name and widest instruction set, such as "AMD EPYC 9R14 (AVX-512)".</summary>
    public static string Name => $"{Model} ({InstructionSet})";

    /// <summary>Its widest instruction set.</summary>
    public static string InstructionSet => 0 switch
    {
        _ when Vector512.IsHardwareAccelerated => "AVX-512",
        _ when Avx2.IsSupported => "AVX2",
        _ when AdvSimd.IsSupported => "NEON",
        _ when Vector128.IsHardwareAccelerated => "128-bit vectors",
        _ => "no vectors",
    };

    private static string Model
    {
        get
        {
            const string LinuxFile = "/proc/cpuinfo";
            string? model = OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") : null;
            if (OperatingSystem.IsLinux() && File.Exists(LinuxFile))
            {
                model = File.ReadLines(LinuxFile)
                    .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?
                    .Split(':', 2)[^1].Trim();
            }

            return string.IsNullOrEmpty(model) ? $"{RuntimeInformation.ProcessArchitecture} processor" : model;
        }
    }
}
