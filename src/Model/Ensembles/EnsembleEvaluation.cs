using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Ensembles;

/// <summary>How well an ensemble does on a set, and how well each of its members.</summary>
/// <param name="Whole">The ensemble.</param>
/// <param name="Members">Each member, by the loss that it was trained with.</param>
/// <param name="PairwisePercent">For how many of the examples two members answer differently: in percent, the mean of all pairs.</param>
/// <param name="Disputed">How many examples there are for which the members have more than one answer between them.</param>
/// <param name="WrongTogether">How many examples every member misclassifies, whatever it takes them for.</param>
/// <param name="ByDissent">
/// By how many members answer otherwise than the ensemble, from none to all: how many such examples there are, and how many of them the
/// ensemble misclassifies.
/// </param>
internal sealed record EnsembleEvaluation(
    Evaluation Whole, IReadOnlyList<Evaluation> Members, double PairwisePercent, int Disputed, int WrongTogether,
    IReadOnlyList<(int Examples, int Misses)> ByDissent)
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
                votes[example, ClassifierExtensions.Answer(outputs.AsSpan(example * Outputs, Outputs))]++;
            }
        }

        ensemble.Averaging.Finish(sums, outputs);
        return Count(OutputEvaluation.Of(ensemble.Averaging.Loss, outputs, labels), outputs, members, votes, labels);
    }

    private static EnsembleEvaluation Count(
        Evaluation whole, float[] outputs, List<Evaluation> members, int[,] votes, byte[] labels)
    {
        (int Examples, int Misses)[] byDissent = new (int, int)[members.Count + 1];
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
            int answer = ClassifierExtensions.Answer(outputs.AsSpan(example * Outputs, Outputs));
            ref (int Examples, int Misses) alike = ref byDissent[members.Count - votes[example, answer]];
            alike = (alike.Examples + 1, alike.Misses + (answer == labels[example] ? 0 : 1));
        }

        double pairs = (double)Pairs(members.Count) * labels.Length;
        return new EnsembleEvaluation(whole, members, pairs == 0 ? 0 : 100 * differing / pairs, disputed, wrongTogether, byDissent);
    }

    private static int Pairs(int count) => count * (count - 1) / 2;
}
