using GpuConvnet.Simulator.Ptx;

namespace GpuConvnet.Tests.Ptx;

internal static class PtxAssert
{
    /// <summary>Fails if a kernel's results are left to chance.</summary>
    public static void AssertDefined(this PtxRun run)
    {
        Assert.Empty(run.Races);
        Assert.Empty(run.BrokenPromises);
    }
}
