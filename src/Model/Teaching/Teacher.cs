using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Training;

namespace GpuConvnet.Model.Teaching;

/// <summary>A trained network, or an ensemble of several, towards whose outputs another network is trained.</summary>
/// <param name="members">Its networks: one, or those of an ensemble, all trained by the same loss.</param>
/// <param name="averagesProbabilities">Whether an ensemble averages its members' probabilities, and not their outputs.</param>
/// <param name="parametersSha256">The fingerprint of its parameters, for results.</param>
public sealed class Teacher(IReadOnlyList<TeacherMember> members, bool averagesProbabilities, string parametersSha256)
{
    /// <summary>The fingerprint of its parameters.</summary>
    public string ParametersSha256 { get; } = parametersSha256;

    /// <summary>Its networks, one or more.</summary>
    public IReadOnlyList<TeacherMember> Members { get; } = members;

    /// <summary>Whether its members' probabilities are averaged, and not their outputs.</summary>
    public bool AveragesProbabilities { get; } = averagesProbabilities;

    /// <summary>Whether its members' outputs are logits.</summary>
    public bool GivesLogits => Members[0].Network.Loss.NeedsLinearOutput;

    /// <summary>Makes sure that a network that is to learn has a teacher, and that there is none else.</summary>
    /// <param name="teacher">The teacher, or null.</param>
    /// <param name="distillation">How the network learns; null where it does not.</param>
    /// <exception cref="ArgumentException">Only one of the two is there.</exception>
    public static void RequireBoth(Teacher? teacher, Distillation? distillation)
    {
        if (teacher is null != distillation is null)
        {
            throw new ArgumentException("A network learns from a teacher if there is one, and its options say how.", nameof(teacher));
        }
    }

    /// <summary>Why a network cannot learn from it; null if it can.</summary>
    /// <param name="learner">What the network is trained by.</param>
    /// <param name="distillation">How it is to learn.</param>
    public string? UnsupportedReason(Loss learner, Distillation distillation)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(distillation);
        return (GivesLogits, learner.NeedsLinearOutput) switch
        {
            (false, true) => $"a network that is trained by {learner} learns probabilities, which a teacher that was trained by "
                + $"{Members[0].Network.Loss} does not give",
            (_, false) when distillation.Temperature != 1 =>
                $"a temperature softens probabilities, and {learner} has none: the temperature must be 1",
            _ => null,
        };
    }

    /// <summary>The teacher, for one thread; to be disposed.</summary>
    internal IClassifier Open()
    {
        LayerClassifier classifier = new(Members[0].Network);
        classifier.Load(Members[0].Parameters.Span);
        return classifier;
    }

    /// <summary>Turns its outputs for some examples into what a network that learns from it should give.</summary>
    /// <param name="outputs">(examples, 10), which the result replaces.</param>
    /// <param name="learner">What the network is trained by.</param>
    /// <param name="distillation">How it learns.</param>
    internal void ToTargets(Span<float> outputs, Loss learner, Distillation distillation)
    {
        if (!GivesLogits)
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
