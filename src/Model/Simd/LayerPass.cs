namespace GpuConvnet.Model.Simd;

/// <summary>What an example passes on the host, in the order of a step.</summary>
internal enum LayerPass
{
    /// <summary>Its image is rolled, turned, scaled and bent, and it is drawn what dropout drops.</summary>
    Noise,

    /// <summary>The border around the image, and H1.</summary>
    H1Forward,

    /// <summary>H2's input, H2, and what dropout keeps of it.</summary>
    H2Forward,

    /// <summary>H3.</summary>
    H3Forward,

    /// <summary>The outputs.</summary>
    OutputForward,

    /// <summary>Second derivatives, from squares to those of H1's weights; only where a step asks for them.</summary>
    Curvature,

    /// <summary>The outputs' deltas, the gradient of their weights, and H3's deltas.</summary>
    OutputBackward,

    /// <summary>The gradient of H3's weights, and H2's deltas.</summary>
    H3Backward,

    /// <summary>The gradient of H2's weights, and H1's deltas.</summary>
    H2Backward,

    /// <summary>The gradient of H1's weights.</summary>
    H1Backward,
}
