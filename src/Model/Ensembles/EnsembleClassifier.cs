using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Ensembles;

/// <summary>
/// An ensemble as one classifier: several trained networks, of whichever layers, whose outputs are averaged. It has no gradient and is not
/// trained. (What <c>--replicas</c> trains at once on a device, in <c>Kernels/Ensemble</c>, are networks that know nothing of each other.)
/// </summary>
internal sealed class EnsembleClassifier : IClassifier
{
    /// <summary>Joins networks.</summary>
    /// <param name="members">The networks with their parameters; they are disposed with the ensemble.</param>
    /// <param name="averaging">How their outputs become one network's.</param>
    public EnsembleClassifier(IReadOnlyList<IClassifier> members, OutputAveraging averaging)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(averaging);
        Members = [.. members];
        Averaging = averaging;
    }

    /// <summary>The networks.</summary>
    public IReadOnlyList<IClassifier> Members { get; }

    /// <summary>How their outputs become one network's, and what these are read by.</summary>
    public OutputAveraging Averaging { get; }

    /// <inheritdoc/>
    public Evaluation Evaluate(Examples examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        float[] outputs = new float[examples.Count * Shape1989.Outputs];
        Outputs(examples, outputs);
        return OutputEvaluation.Of(Averaging.Loss, outputs, examples.Labels);
    }

    /// <inheritdoc/>
    public void Outputs(ReadOnlySpan<float> image, Span<float> outputs)
    {
        int[] answers = new int[Members.Count];
        Outputs(image, outputs, answers);
    }

    /// <summary>The ten outputs for one image, and what each member would answer.</summary>
    /// <param name="image">(16, 16), values in [-1, 1].</param>
    /// <param name="outputs">Room for ten values.</param>
    /// <param name="answers">Room for a digit per member.</param>
    /// <exception cref="ArgumentException">One of them has another length.</exception>
    public void Outputs(ReadOnlySpan<float> image, Span<float> outputs, Span<int> answers)
    {
        VectorLength.Require(outputs.Length, Shape1989.Outputs, nameof(outputs));
        VectorLength.Require(answers.Length, Members.Count, nameof(answers));
        Span<double> sums = stackalloc double[Shape1989.Outputs];
        Span<float> ofMember = stackalloc float[Shape1989.Outputs];
        for (int member = 0; member < Members.Count; member++)
        {
            Members[member].Outputs(image, ofMember);
            Averaging.Add(member, ofMember, sums);
            answers[member] = ClassifierExtensions.Answer(ofMember);
        }

        Averaging.Finish(sums, outputs);
    }

    /// <inheritdoc/>
    public void Outputs(Examples examples, Span<float> outputs)
    {
        ArgumentNullException.ThrowIfNull(examples);
        VectorLength.Require(outputs.Length, examples.Count * Shape1989.Outputs, nameof(outputs));
        double[] sums = new double[outputs.Length];
        float[] ofMember = new float[outputs.Length];
        for (int member = 0; member < Members.Count; member++)
        {
            Members[member].Outputs(examples, ofMember);
            Averaging.Add(member, ofMember, sums);
        }

        Averaging.Finish(sums, outputs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IClassifier member in Members)
        {
            member.Dispose();
        }
    }
}
