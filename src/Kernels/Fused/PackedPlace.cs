namespace GpuConvnet.Kernels.Fused;

/// <summary>Which parameter a value of a share of the gradient belongs to, and where the kernel reads that.</summary>
/// <param name="parameter">The parameter; -1 for a value that only fills a float4 up.</param>
/// <param name="first">Its place among the values of the packed parameters.</param>
/// <param name="second">Where it is once more; -1 for nowhere.</param>
internal readonly struct PackedPlace(int parameter, int first, int second)
{
    /// <summary>The parameter; -1 for a value that only fills a float4 up.</summary>
    public readonly int Parameter = parameter;

    /// <summary>Its place among the values of the packed parameters.</summary>
    public readonly int First = first;

    /// <summary>Where it is once more; -1 for nowhere.</summary>
    public readonly int Second = second;

    /// <summary>No parameter.</summary>
    public static PackedPlace None => new(-1, -1, -1);
}
