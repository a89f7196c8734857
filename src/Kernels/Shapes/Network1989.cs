using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Shapes;

/// <summary>The network of the paper.</summary>
public readonly struct Network1989 : IShape
{
    /// <inheritdoc/>
    public static int H1Maps => Shape1989.H1Maps;

    /// <inheritdoc/>
    public static int H2Maps => Shape1989.H2Maps;

    /// <inheritdoc/>
    public static int H2Sources => Shape1989.H2Sources;

    /// <inheritdoc/>
    public static int H3Units => Shape1989.H3Units;
}
