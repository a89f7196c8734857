using GpuConvnet.Model.Augmentation;

namespace GpuConvnet.Model.Training;

/// <summary>
/// The inside of a step, for verification, where its activations lie in memory: there a batch may go through in parts, too.
/// </summary>
internal interface IStepTrace
{
    /// <summary>The activations and deltas of training examples.</summary>
    /// <param name="start">The first example.</param>
    /// <param name="count">How many examples.</param>
    /// <param name="perturbation">The augmentation and dropout.</param>
    /// <returns>Two arrays (1000, count) in the order H1, H2, H3, output.</returns>
    (float[] Activations, float[] Deltas) Units(int start, int count, in Perturbation perturbation);

    /// <summary>Training images as the perturbation distorts them.</summary>
    /// <param name="start">The first example.</param>
    /// <param name="count">How many examples.</param>
    /// <param name="perturbation">The augmentation.</param>
    /// <returns>(256, count).</returns>
    float[] Images(int start, int count, in Perturbation perturbation);
}
