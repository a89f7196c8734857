namespace GpuConvnet.Kernels.Fused;

/// <summary>The same of two neighbouring maps: half a quad of <see cref="Packing{TShape}"/>, one load of 8 bytes.</summary>
internal struct TwoMaps
{
    /// <summary>The first map's.</summary>
    public float Map0;

    /// <summary>The second map's.</summary>
    public float Map1;
}
