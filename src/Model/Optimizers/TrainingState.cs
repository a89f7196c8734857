namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// Everything between two steps that decides the steps to come: what a checkpoint holds. All in the order of
/// <see cref="Network.Parameters"/>.
/// </summary>
/// <param name="Parameters">The parameters, 9,760.</param>
/// <param name="States">
/// The optimizer's states, as many vectors as its rule keeps. Of an <see cref="IUpdateRule"/> they are two: momentum or Adam's
/// mean of the gradient, and Adam's mean of the squared gradient. With an average (<see cref="IUpdateRule.EvaluatesAverage"/>) the
/// parameters are that, and a third vector is what gradients are taken at.
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
