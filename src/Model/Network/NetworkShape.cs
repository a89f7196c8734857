namespace GpuConvnet.Model.Network;

/// <summary>
/// The sizes of a network of this family, as a value: two convolutions, the second of which reads some of the first one's
/// maps, and two dense layers. What is left out is the network of 1989's.
/// </summary>
/// <remarks>Code that is cut for 1989 takes its sizes from <see cref="Shape1989"/> and refuses other shapes.</remarks>
public sealed record NetworkShape
{
    /// <summary>The network of 1989.</summary>
    public static NetworkShape Zip1989 { get; } = new();

    /// <summary>The side of the image, which is square.</summary>
    public int InputSize { get; init; } = Shape1989.InputSize;

    /// <summary>The side of every convolution's kernel.</summary>
    public int KernelSize { get; init; } = Shape1989.KernelSize;

    /// <summary>The stride of every convolution.</summary>
    public int Stride { get; init; } = Shape1989.Stride;

    /// <summary>The width of the border around every convolution's input.</summary>
    public int Padding { get; init; } = Shape1989.Padding;

    /// <summary>The value of that border.</summary>
    public float PaddingValue { get; init; } = Shape1989.PaddingValue;

    /// <summary>The maps of H1.</summary>
    public int H1Maps { get; init; } = Shape1989.H1Maps;

    /// <summary>The maps of H2.</summary>
    public int H2Maps { get; init; } = Shape1989.H2Maps;

    /// <summary>How many maps of H1 each map of H2 reads.</summary>
    public int H2Sources { get; init; } = Shape1989.H2Sources;

    /// <summary>The units of H3.</summary>
    public int H3Units { get; init; } = Shape1989.H3Units;

    /// <summary>The outputs: one per class.</summary>
    public int Outputs { get; init; } = Shape1989.Outputs;

    /// <summary>The pixels of an image.</summary>
    public int InputUnits => InputSize * InputSize;

    /// <summary>The taps of a kernel.</summary>
    public int KernelTaps => KernelSize * KernelSize;

    /// <summary>The side of a map of H1.</summary>
    public int H1Size => Convolved(InputSize);

    /// <summary>The side of a map of H2.</summary>
    public int H2Size => Convolved(H1Size);

    /// <summary>The units of H2, all of which H3 reads.</summary>
    public int H2Units => H2Maps * H2Size * H2Size;

    /// <summary>Why code that is cut for the network of 1989 cannot train this one; null if it can.</summary>
    public string? UnsupportedReason =>
        this == Zip1989 ? null : "its sizes are not those of the network of 1989";

    private int Convolved(int size) => (size + 2 * Padding - KernelSize) / Stride + 1;
}
