namespace GpuConvnet.Kernels.Fused;

/// <summary>What stands between two stages of a kernel of which the second needs nothing of the first.</summary>
public interface IStageBoundary
{
    /// <summary>Ends the first stage.</summary>
    static abstract void Between();
}
