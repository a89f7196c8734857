namespace GpuConvnet.Model.Simd;

/// <summary>
/// Hears when an example has passed a layer. A generic struct, so that training, which gives a <see cref="NoClock"/>, is
/// compiled as if there were none.
/// </summary>
internal interface ILayerClock
{
    /// <summary>Says that the example has just passed a layer.</summary>
    void Passed(LayerPass pass);
}
