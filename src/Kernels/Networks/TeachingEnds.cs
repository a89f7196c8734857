using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>What a teacher's outputs become, and what they make of the loss.</summary>
internal abstract class TeachingEnds
{
    /// <summary>Queues a member's part of the mean.</summary>
    /// <param name="pass">Blocks; as its output the member's outputs.</param>
    /// <param name="member">Which member, from 0.</param>
    /// <param name="members">How many there are.</param>
    /// <param name="taught">Takes the mean.</param>
    public abstract void Add(in DevicePass pass, int member, int members, ArrayView<float> taught);

    /// <summary>Queues what the mean becomes for the learner.</summary>
    /// <param name="pass">Blocks.</param>
    /// <param name="taught">The mean, which it replaces.</param>
    public abstract void Soften(in DevicePass pass, ArrayView<float> taught);

    /// <summary>Queues the loss's gradient by the learner's outputs.</summary>
    /// <param name="pass">Blocks; as its output the outputs, and their gradient.</param>
    /// <param name="taught">What the teacher says.</param>
    /// <param name="labels">This launch's digits first.</param>
    /// <param name="count">Examples of this launch.</param>
    /// <param name="targets">What the outputs should be by the label.</param>
    /// <param name="scale">The factor of every derivative.</param>
    public abstract void Backward(
        in DevicePass pass, ArrayView<float> taught, ArrayView<byte> labels, int count, Targets targets, float scale);
}
