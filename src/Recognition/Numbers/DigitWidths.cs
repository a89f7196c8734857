namespace GpuConvnet.Recognition.Numbers;

/// <summary>How wide digits are: two that touch are read as one with no doubt by the network, which has seen no such thing.</summary>
internal static class DigitWidths
{
    /// <summary>So many deviations from the mean are nothing to wonder at.</summary>
    private const double Usual = 1.5;

    private const double Most = 3.5;

    // The logarithm of a box's width by its height, of MNIST's first 20,000 training digits: mean and deviation.
    private static readonly (double Mean, double Deviation)[] s_shapes =
    [
        (-0.11, 0.21), (-0.94, 0.48), (-0.08, 0.24), (-0.24, 0.22), (-0.25, 0.22),
        (-0.07, 0.28), (-0.35, 0.23), (-0.27, 0.22), (-0.29, 0.23), (-0.41, 0.21),
    ];

    /// <summary>What it costs to take something for a digit that is as wide: 0 where digits are as wide.</summary>
    /// <param name="digit">The digit.</param>
    /// <param name="shape">Width by height.</param>
    public static double Cost(int digit, double shape)
    {
        (double mean, double deviation) = s_shapes[digit];
        double off = Math.Max(0, Math.Abs(Math.Log(shape) - mean) / deviation - Usual);
        return Math.Min(Most, off * off);
    }
}
