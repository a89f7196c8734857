using GpuConvnet.Model.Losses;

namespace GpuConvnet.Model.Teaching;

/// <summary>A trained network, or an ensemble of several, towards whose outputs another network is trained.</summary>
/// <param name="open">Gets it ready to be asked, on a thread of its own each time; what it gives is to be disposed.</param>
/// <param name="loss">What it was trained by: that of logits says that its outputs are such.</param>
/// <param name="parametersSha256">The fingerprint of its parameters, for results.</param>
public sealed class Teacher(Func<IClassifier> open, Loss loss, string parametersSha256)
{
    /// <summary>The fingerprint of its parameters.</summary>
    public string ParametersSha256 { get; } = parametersSha256;

    /// <summary>Why a network cannot learn from it; null if it can.</summary>
    /// <param name="learner">What the network is trained by.</param>
    /// <param name="distillation">How it is to learn.</param>
    public string? UnsupportedReason(Loss learner, Distillation distillation)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(distillation);
        return (loss.NeedsLinearOutput, learner.NeedsLinearOutput) switch
        {
            (false, true) => $"a network that is trained by {learner} learns probabilities, which a teacher that was trained by "
                + $"{loss} does not give",
            (_, false) when distillation.Temperature != 1 =>
                $"a temperature softens probabilities, and {learner} has none: the temperature must be 1",
            _ => null,
        };
    }

    /// <summary>The teacher, for one thread.</summary>
    internal IClassifier Open() => open();

    /// <summary>Turns its outputs for some examples into what a network that learns from it should give.</summary>
    /// <param name="outputs">(examples, 10), which the result replaces.</param>
    /// <param name="learner">What the network is trained by.</param>
    /// <param name="distillation">How it learns.</param>
    internal void ToTargets(Span<float> outputs, Loss learner, Distillation distillation)
    {
        if (!loss.NeedsLinearOutput)
        {
            return;
        }

        for (int first = 0; first < outputs.Length; first += Shape1989.Outputs)
        {
            Span<float> logits = outputs.Slice(first, Shape1989.Outputs);
            float largest = logits[0];
            foreach (float logit in logits)
            {
                largest = MathF.Max(largest, logit);
            }

            float total = 0;
            for (int digit = 0; digit < logits.Length; digit++)
            {
                logits[digit] = MathF.Exp((logits[digit] - largest) / distillation.Temperature);
                total += logits[digit];
            }

            // A squared error's targets are 1 and -1.
            for (int digit = 0; digit < logits.Length; digit++)
            {
                float probability = logits[digit] / total;
                logits[digit] = learner.NeedsLinearOutput ? probability : 2 * probability - 1;
            }
        }
    }
}
