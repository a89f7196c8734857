namespace GpuConvnet.Kernels.Fused;

/// <summary>What stands between two stages of a kernel of which the second needs nothing of the first.</summary>
internal interface IStageBoundary
{
    /// <summary>Ends the first stage.</summary>
    static abstract void Between();
}
