namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// Everything between two steps that decides the steps to come: what a checkpoint holds. All in the order of the
/// network's parameters, of 1989's <see cref="Network.Parameters"/>.
/// </summary>
/// <param name="Parameters">The parameters, of 1989's network 9,760.</param>
/// <param name="States">
/// The optimizer's states, two vectors as long, at 0 where it needs fewer: momentum, Adam's mean of the gradient or Newton's of the second
/// derivative, and Adam's mean of the squared gradient. Where evaluations take an average, as in <see cref="Optimizer.ScheduleFreeAdamW"/>, the parameters are that, and a third
/// vector is what gradients are taken at.
/// </param>
public sealed record TrainingState(float[] Parameters, params IReadOnlyList<float[]> States)
{
    /// <summary>
    /// With weight normalization the directions and biases, 9,760, which <see cref="States"/> then
    /// belong to; null without.
    /// </summary>
    public float[]? Directions { get; init; }

    /// <summary>With weight normalization (3, vectors): the lengths and their two states; null without.</summary>
    public float[]? Lengths { get; init; }

    /// <summary>Makes the parameters the average, where there is one.</summary>
    /// <param name="optimizer">The optimizer.</param>
    internal TrainingState Averaged(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (!optimizer.EvaluatesAverage)
        {
            return this;
        }

        float[] average = new float[Parameters.Length];
        for (int i = 0; i < average.Length; i++)
        {
            average[i] = Parameters[i] + States[0][i];
        }

        return new TrainingState(average, States[0], States[1], Parameters);
    }

    /// <summary>Makes the parameters what gradients are taken at, where that is not the average.</summary>
    internal TrainingState AtGradients() =>
        States.Count > IUpdateRule.States ? new TrainingState(States[2], States[0], States[1]) : this;
}
