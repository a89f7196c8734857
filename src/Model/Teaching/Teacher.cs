using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;

namespace GpuConvnet.Model.Teaching;

/// <summary>A trained network, or an ensemble of several, towards whose outputs another network is trained.</summary>
internal sealed class Teacher
{
    private readonly OutputAveraging _averaging;

    /// <summary>Describes a teacher.</summary>
    /// <param name="members">Its networks: one, or those of an ensemble, all trained by the same loss.</param>
    /// <param name="average">What an ensemble averages.</param>
    /// <param name="parametersSha256">The fingerprint of its parameters, for results.</param>
    /// <exception cref="ArgumentException">There are no members, or their outputs cannot be averaged so.</exception>
    public Teacher(IReadOnlyList<TeacherMember> members, OutputAverage average, string parametersSha256)
    {
        ArgumentNullException.ThrowIfNull(members);
        Members = members;
        ParametersSha256 = parametersSha256;
        Loss[] losses = [.. members.Select(member => member.Network.Loss)];
        if (losses.Distinct().Count() > 1)
        {
            throw new ArgumentException($"its networks were trained by {string.Join(" and ", losses.Distinct())}", nameof(members));
        }

        _averaging = new OutputAveraging(losses, members.Count == 1 && losses[0].NeedsLinearOutput ? OutputAverage.Logits : average);
    }

    /// <summary>The fingerprint of its parameters.</summary>
    public string ParametersSha256 { get; }

    /// <summary>Its networks, one or more.</summary>
    public IReadOnlyList<TeacherMember> Members { get; }

    /// <summary>Whether its members' probabilities are averaged, and not their outputs.</summary>
    public bool AveragesProbabilities => !_averaging.IsOfOutputs;

    /// <summary>Whether its members' outputs are logits.</summary>
    public bool GivesLogits => _averaging.IsOfLogits(0);

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
        // On lanes of examples, of which a lesson has enough, whatever the network.
        LayerClassifier[] members = [.. Members.Select(member =>
        {
            LayerClassifier classifier = new(member.Network);
            classifier.Load(member.Parameters.Span);
            return classifier;
        })];
        return members is [var only] ? only : new EnsembleClassifier(members, _averaging);
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
