namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// Everything between two steps that decides the steps to come: what a checkpoint holds. All in the order of
/// <see cref="Network.Parameters"/>.
/// </summary>
/// <param name="Parameters">The parameters, 9,760.</param>
/// <param name="States">
/// The optimizer's states, as many vectors as its rule keeps. Of an <see cref="IUpdateRule"/> they are two: momentum or Adam's
/// mean of the gradient, and Adam's mean of the squared gradient.
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
}
