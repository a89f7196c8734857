namespace GpuConvnet.Kernels.Layers;

/// <summary>What surrounds a layer's input, as a compile-time choice.</summary>
internal interface IBorder
{
    /// <summary>The value of every place outside.</summary>
    static abstract float Value { get; }
}
