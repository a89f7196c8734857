using GpuConvnet.Model.Losses;

namespace GpuConvnet.Recognition;

/// <summary>What a network's outputs say about the probability of a digit.</summary>
/// <remarks>
/// With cross entropy that is the softmax. Under squared error the best value of an output is the mean of its targets,
/// which are +1 with probability p and -1 otherwise: 2p - 1. So (output + 1) / 2 estimates p, whatever the output's
/// activation; one that lies beyond its target counts as certain. The ten estimates are made apart from each other and
/// do not add up to 1.
/// </remarks>
public static class Confidence
{
    /// <summary>The probability of a digit.</summary>
    /// <param name="outputs">The ten outputs, finite.</param>
    /// <param name="digit">The digit.</param>
    /// <param name="loss">What the network was trained to minimise.</param>
    /// <returns>From 0 to 1.</returns>
    public static double Of(ReadOnlySpan<float> outputs, int digit, Loss loss) => loss == Loss.Of<SoftmaxCrossEntropy>()
        ? Math.Exp(-SoftmaxCrossEntropy.Value(outputs, digit, SoftmaxCrossEntropy.Targets(labelSmoothing: 0)))
        : Math.Clamp((outputs[digit] + 1.0) / 2, 0, 1);
}
