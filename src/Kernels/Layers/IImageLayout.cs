namespace GpuConvnet.Kernels.Layers;

/// <summary>How images lie in a device's memory.</summary>
internal interface IImageLayout
{
    /// <summary>Where a pixel is.</summary>
    /// <param name="example">The image.</param>
    /// <param name="pixel">Which of its 256 pixels.</param>
    /// <param name="stride">Images that there is room for.</param>
    static abstract int Place(int example, int pixel, int stride);
}
