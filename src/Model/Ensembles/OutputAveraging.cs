using GpuConvnet.Model.Losses;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Ensembles;

/// <summary>
/// How several networks' outputs become ten that are read as one network's would be, by <see cref="Loss"/>. All is computed in double
/// precision, a member after the other.
/// </summary>
/// <remarks>
/// <para>
/// After cross entropy the mean of the logits is the mean of the outputs. The mean of the probabilities is that of the members'
/// softmaxes, and the outputs are its logarithm: logits too, whose softmax is that mean.
/// </para>
/// <para>
/// Under squared error (output + 1) / 2 estimates a probability, so the mean of the outputs is that of the estimates. There are no logits.
/// </para>
/// <para>
/// Of a mixture each member says probabilities: the softmax; or the estimates, which are bounded to
/// [<see cref="LeastEstimate"/>, 1] and divided by their sum. The outputs are the logarithm of the mean.
/// </para>
/// </remarks>
internal sealed class OutputAveraging
{
    /// <summary>The least that counts as a squared error's estimate of a probability in a mixture.</summary>
    public const double LeastEstimate = 1e-6;

    /// <summary>What is added to a mean of probabilities, so that its logarithm is finite; a float32 has it.</summary>
    public const double LeastProbability = 1e-37;

    /// <summary>Chooses how to average.</summary>
    /// <param name="losses">What each member was trained to minimise; at least one.</param>
    /// <param name="average">What is averaged.</param>
    /// <exception cref="ArgumentException">The members' outputs do not go together so; see <see cref="Problem"/>.</exception>
    public OutputAveraging(IReadOnlyList<Loss> losses, OutputAverage average)
    {
        ArgumentNullException.ThrowIfNull(losses);
        if (losses.Count == 0 || Problem(losses, average) is not null)
        {
            throw new ArgumentException(Problem(losses, average) ?? "There are no members.", nameof(losses));
        }

        Losses = [.. losses];
        Average = average;
        bool isMixed = losses.Any(IsOfProbabilities) && !losses.All(IsOfProbabilities);
        IsOfOutputs = average == OutputAverage.Logits || losses.All(loss => !IsOfProbabilities(loss));
        Loss = isMixed ? Loss.Of<SoftmaxCrossEntropy>()
            : losses.All(loss => loss == losses[0]) ? losses[0]
            : Loss.Of<SquaredError>();
    }

    /// <summary>What is averaged.</summary>
    public OutputAverage Average { get; }

    /// <summary>What the outputs are read and measured by: as if a network had been trained to minimise this.</summary>
    public Loss Loss { get; }

    /// <summary>What each member was trained to minimise.</summary>
    public IReadOnlyList<Loss> Losses { get; }

    /// <summary>Whether the outputs are the mean of the members' outputs; else they are the logarithm of a mean of probabilities.</summary>
    public bool IsOfOutputs { get; }

    /// <summary>Whether a member's outputs are logits, of which softmax makes probabilities; else they are squared error's.</summary>
    /// <param name="member">Which member, from 0.</param>
    public bool IsOfLogits(int member) => IsOfProbabilities(Losses[member]);

    /// <summary>Why outputs cannot be averaged; null if they can.</summary>
    /// <param name="losses">What each member was trained to minimise.</param>
    /// <param name="average">What is averaged.</param>
    public static string? Problem(IEnumerable<Loss> losses, OutputAverage average) =>
        average == OutputAverage.Logits && losses.FirstOrDefault(loss => !IsOfProbabilities(loss)) is { } other
            ? $"logits are what cross entropy trains, and a member was trained by {other}; average the probabilities"
            : null;

    /// <summary>Whether a loss makes logits of the outputs, of which softmax makes probabilities.</summary>
    /// <param name="loss">The loss.</param>
    public static bool IsOfProbabilities(Loss loss) => loss == Loss.Of<SoftmaxCrossEntropy>();

    /// <summary>Adds what a member says; after all members have been added, <see cref="Finish"/> makes outputs of the sums.</summary>
    /// <param name="member">Which member, from 0.</param>
    /// <param name="outputs">(examples, 10): its outputs.</param>
    /// <param name="sums">(examples, 10): the sums, 0 before the first member.</param>
    public void Add(int member, ReadOnlySpan<float> outputs, Span<double> sums)
    {
        if (IsOfOutputs)
        {
            for (int index = 0; index < outputs.Length; index++)
            {
                sums[index] += outputs[index];
            }

            return;
        }

        Span<double> probabilities = stackalloc double[Outputs];
        for (int example = 0; example < outputs.Length; example += Outputs)
        {
            Probabilities(Losses[member], outputs.Slice(example, Outputs), probabilities);
            for (int digit = 0; digit < Outputs; digit++)
            {
                sums[example + digit] += probabilities[digit];
            }
        }
    }

    /// <summary>Makes outputs of sums over all members.</summary>
    /// <param name="sums">(examples, 10).</param>
    /// <param name="outputs">(examples, 10).</param>
    public void Finish(ReadOnlySpan<double> sums, Span<float> outputs)
    {
        for (int index = 0; index < sums.Length; index++)
        {
            double mean = sums[index] / Losses.Count;
            outputs[index] = (float)(IsOfOutputs ? mean : Math.Log(mean + LeastProbability));
        }
    }

    /// <summary>What a network's outputs say as probabilities that add up to 1.</summary>
    /// <param name="loss">What the network was trained to minimise.</param>
    /// <param name="outputs">The ten outputs, finite.</param>
    /// <param name="probabilities">Room for ten.</param>
    public static void Probabilities(Loss loss, ReadOnlySpan<float> outputs, Span<double> probabilities)
    {
        double largest = double.NegativeInfinity;
        foreach (float output in outputs)
        {
            largest = Math.Max(largest, output);
        }

        bool isSoftmax = IsOfProbabilities(loss);
        double sum = 0;
        for (int digit = 0; digit < Outputs; digit++)
        {
            probabilities[digit] = isSoftmax
                ? Math.Exp(outputs[digit] - largest)
                : Math.Clamp((outputs[digit] + 1.0) / 2, LeastEstimate, 1);
            sum += probabilities[digit];
        }

        for (int digit = 0; digit < Outputs; digit++)
        {
            probabilities[digit] /= sum;
        }
    }
}
