using GpuConvnet.Simulator.Sass;

namespace GpuConvnet.Tests.Sass;

/// <summary>Skips tests, and says why, where NVIDIA's assembler is not as they need it.</summary>
internal static class CudaNeeded
{
    /// <summary>For tests that assemble.</summary>
    public static void SkipIfMissing() => SkipFor(CudaTools.MissingReason);

    /// <summary>For tests that read machine code.</summary>
    public static void SkipUnlessKnown() => SkipFor(CudaTools.UnknownReason);

    private static void SkipFor(string? reason) => Assert.SkipWhen(reason is not null, reason ?? "");
}
