using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Ensembles;

/// <summary>How well an ensemble does on a set, and how well each of its members.</summary>
/// <param name="Whole">The ensemble.</param>
/// <param name="Members">Each member, by the loss that it was trained with.</param>
/// <param name="PairwisePercent">For how many of the examples two members answer differently: in percent, the mean of all pairs.</param>
/// <param name="Disputed">How many examples there are for which the members have more than one answer between them.</param>
/// <param name="WrongTogether">How many examples every member misclassifies, whatever it takes them for.</param>
public sealed record EnsembleEvaluation(
    Evaluation Whole, IReadOnlyList<Evaluation> Members, double PairwisePercent, int Disputed, int WrongTogether)
{
    /// <summary>Evaluates an ensemble; every member looks at every example once.</summary>
    /// <param name="ensemble">The ensemble.</param>
    /// <param name="examples">The set.</param>
    /// <exception cref="ArgumentException">The set is empty.</exception>
    public static EnsembleEvaluation Of(EnsembleClassifier ensemble, Examples examples)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        ArgumentNullException.ThrowIfNull(examples);
        byte[] labels = examples.Labels;
        float[] outputs = new float[examples.Count * Outputs];
        double[] sums = new double[outputs.Length];
        int[,] votes = new int[examples.Count, Outputs];
        List<Evaluation> members = [];
        for (int member = 0; member < ensemble.Members.Count; member++)
        {
            ensemble.Members[member].Outputs(examples, outputs);
            ensemble.Averaging.Add(member, outputs, sums);
            members.Add(OutputEvaluation.Of(ensemble.Averaging.Losses[member], outputs, labels));
            for (int example = 0; example < examples.Count; example++)
            {
                votes[example, OutputEvaluation.Answer(outputs.AsSpan(example * Outputs, Outputs))]++;
            }
        }

        ensemble.Averaging.Finish(sums, outputs);
        return Count(OutputEvaluation.Of(ensemble.Averaging.Loss, outputs, labels), members, votes, labels);
    }

    private static EnsembleEvaluation Count(Evaluation whole, List<Evaluation> members, int[,] votes, byte[] labels)
    {
        long differing = 0;
        int disputed = 0;
        int wrongTogether = 0;
        for (int example = 0; example < labels.Length; example++)
        {
            int agreeing = 0;
            int most = 0;
            for (int digit = 0; digit < Outputs; digit++)
            {
                agreeing += Pairs(votes[example, digit]);
                most = Math.Max(most, votes[example, digit]);
            }

            differing += Pairs(members.Count) - agreeing;
            disputed += most < members.Count ? 1 : 0;
            wrongTogether += votes[example, labels[example]] == 0 ? 1 : 0;
        }

        double pairs = (double)Pairs(members.Count) * labels.Length;
        return new EnsembleEvaluation(whole, members, pairs == 0 ? 0 : 100 * differing / pairs, disputed, wrongTogether);
    }

    private static int Pairs(int count) => count * (count - 1) / 2;
}
