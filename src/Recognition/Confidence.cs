using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Losses;

namespace GpuConvnet.Recognition;

/// <summary>What a network's outputs say about the probability of a digit, and how far the likeliest leads.</summary>
/// <remarks>
/// With cross entropy that is the softmax. Under squared error the best value of an output is the mean of its targets,
/// which are +1 with probability p and -1 otherwise: 2p - 1. So (output + 1) / 2 estimates p, whatever the output's
/// activation; one that lies beyond its target counts as certain. The ten estimates are made apart from each other and
/// do not add up to 1.
/// </remarks>
internal static class Confidence
{
    /// <summary>The probability of a digit.</summary>
    /// <param name="outputs">The ten outputs, finite.</param>
    /// <param name="digit">The digit.</param>
    /// <param name="loss">What the network was trained to minimise.</param>
    /// <returns>From 0 to 1.</returns>
    public static double Of(ReadOnlySpan<float> outputs, int digit, Loss loss) => IsProbability(loss)
        ? Math.Exp(-SoftmaxCrossEntropy.Value(outputs, digit, SoftmaxCrossEntropy.Targets(labelSmoothing: 0)))
        : Math.Clamp((outputs[digit] + 1.0) / 2, 0, 1);

    /// <summary>How far the most active output stands above the second most active one: what digits are rejected by.</summary>
    /// <remarks>
    /// LeCun et al. (1989): "Our main rejection criterion was that the difference between the activity levels of the two most
    /// active units should exceed a given threshold." The activity is the output itself, as it is there, and after cross entropy
    /// the probability: softmax does not change with a number that is added to all outputs, nor should what goes by it.
    /// </remarks>
    /// <param name="outputs">The ten outputs, finite.</param>
    /// <param name="loss">What the network was trained to minimise.</param>
    /// <returns>0 or more; of probabilities, 1 at most.</returns>
    public static double Margin(ReadOnlySpan<float> outputs, Loss loss)
    {
        (int digit, int runnerUp) = MostActive.Of(outputs);
        return IsProbability(loss)
            ? Of(outputs, digit, loss) - Of(outputs, runnerUp, loss)
            : (double)outputs[digit] - outputs[runnerUp];
    }

    /// <summary>Whether training makes probabilities of the outputs, by softmax.</summary>
    /// <param name="loss">What the network was trained to minimise.</param>
    public static bool IsProbability(Loss loss) => OutputAveraging.IsOfProbabilities(loss);
}
