namespace GpuConvnet.Model;

/// <summary>
/// The sizes of the 1989 network. Every convolution is 5x5 with stride 2, its input padded by 2 with the constant -1.
/// </summary>
public static class Shape1989
{
    /// <summary>The input is 16x16.</summary>
    public const int InputSize = 16;

    /// <summary>256 pixels.</summary>
    public const int InputUnits = InputSize * InputSize;

    /// <summary>The side of every convolution's kernel.</summary>
    public const int KernelSize = 5;

    /// <summary>The 25 taps of a kernel.</summary>
    public const int KernelTaps = KernelSize * KernelSize;

    /// <summary>The stride of every convolution.</summary>
    public const int Stride = 2;

    /// <summary>The width of the border around every convolution's input.</summary>
    public const int Padding = 2;

    /// <summary>The value of that border: the background of a digit.</summary>
    public const float PaddingValue = -1f;

    /// <summary>H1 has 12 maps ...</summary>
    public const int H1Maps = 12;

    /// <summary>... of 8x8 units, ...</summary>
    public const int H1Size = 8;

    /// <summary>... 64 in a map, ...</summary>
    public const int H1MapUnits = H1Size * H1Size;

    /// <summary>... 768 in all.</summary>
    public const int H1Units = H1Maps * H1MapUnits;

    /// <summary>H2 has 12 maps ...</summary>
    public const int H2Maps = 12;

    /// <summary>... of 4x4 units, ...</summary>
    public const int H2Size = 4;

    /// <summary>... 16 in a map, ...</summary>
    public const int H2MapUnits = H2Size * H2Size;

    /// <summary>... 192 in all, ...</summary>
    public const int H2Units = H2Maps * H2MapUnits;

    /// <summary>... each reading 8 of the 12 maps of H1.</summary>
    public const int H2Sources = 8;

    /// <summary>H3 has 30 units.</summary>
    public const int H3Units = 30;

    /// <summary>One output per digit.</summary>
    public const int Outputs = 10;

    /// <summary>The side of H1's padded input.</summary>
    public const int PaddedInputSize = InputSize + 2 * Padding;

    /// <summary>The side of a padded map of H1, which H2 reads.</summary>
    public const int PaddedH1Size = H1Size + 2 * Padding;

    /// <summary>768 + 192 + 30 + 10 = 1,000 hidden and output units.</summary>
    public const int Activations = H1Units + H2Units + H3Units + Outputs;

    /// <summary>63,660 multiply-accumulates in a forward pass: one per connection that is not a bias.</summary>
    public const int ForwardMultiplyAccumulates =
        H1Units * KernelTaps + H2Units * H2Sources * KernelTaps + H2Units * H3Units + H3Units * Outputs;

    /// <summary>64,660 connections: the multiply-accumulates, and one bias per unit.</summary>
    public const int Connections = ForwardMultiplyAccumulates + Activations;

    /// <summary>
    /// 171,780 multiply-accumulates a presentation: three per forward one (output, weight gradient, input gradient), but
    /// for H1, whose input needs no gradient.
    /// </summary>
    public const int TrainingMultiplyAccumulates = 3 * ForwardMultiplyAccumulates - H1Units * KernelTaps;
}
