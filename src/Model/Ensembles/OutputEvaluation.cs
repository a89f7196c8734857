using GpuConvnet.Model.Losses;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Ensembles;

/// <summary>How well outputs do that are there already, whoever gave them.</summary>
internal static class OutputEvaluation
{
    /// <summary>The mean loss, without label smoothing, and how many examples are misclassified.</summary>
    /// <param name="loss">What the outputs are measured by.</param>
    /// <param name="outputs">(examples, 10).</param>
    /// <param name="labels">(examples).</param>
    /// <exception cref="ArgumentException">There are no examples, or not ten outputs for each.</exception>
    public static Evaluation Of(Loss loss, ReadOnlySpan<float> outputs, ReadOnlySpan<byte> labels)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (labels.IsEmpty || outputs.Length != labels.Length * Outputs)
        {
            throw new ArgumentException($"Expected ten outputs for each of {labels.Length} examples, found {outputs.Length}.", nameof(outputs));
        }

        Sums sums = new(outputs.ToArray(), labels.ToArray());
        loss.Accept(ref sums);
        return new Evaluation(labels.Length, sums.Loss / labels.Length, sums.Misses);
    }

    private struct Sums(float[] outputs, byte[] labels) : ILossVisitor
    {
        public double Loss;
        public int Misses;

        public void Visit<TLoss>()
            where TLoss : struct, ILoss
        {
            Targets targets = TLoss.Targets(labelSmoothing: 0);
            for (int example = 0; example < labels.Length; example++)
            {
                ReadOnlySpan<float> own = outputs.AsSpan(example * Outputs, Outputs);
                Loss += TLoss.Value(own, labels[example], targets);
                Misses += ClassifierExtensions.Answer(own) == labels[example] ? 0 : 1;
            }
        }
    }
}
