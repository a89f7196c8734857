using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// A network's passes over examples, on one thread, whatever number type they use. Parameters and gradients are the caller's:
/// all of the network's, followed by what its layers prepare of them.
/// </summary>
/// <typeparam name="TWeight">What parameters are.</typeparam>
internal unsafe interface ILayerEngine<TWeight> : IDisposable
    where TWeight : unmanaged
{
    /// <summary>How many examples a pass has.</summary>
    int Examples { get; }

    /// <summary>Adds the gradient of some examples' training losses, times a factor.</summary>
    /// <param name="parameters">The parameters, and what was prepared of them.</param>
    /// <param name="examples">The set, or a block of one.</param>
    /// <param name="start">The first example.</param>
    /// <param name="count">How many.</param>
    /// <param name="perturbation">What randomness the step adds.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="gradient">The gradient by the parameters, and by what was prepared, which is not yet given back to them.</param>
    /// <param name="times">Is told what takes how long; null for nobody.</param>
    void AddGradient(
        TWeight* parameters, Examples examples, int start, int count, in Perturbation perturbation, float factor,
        TWeight* gradient, LayerTimes? times = null);

    /// <summary>The losses of some examples, without perturbation, and how many the network gets wrong.</summary>
    /// <param name="parameters">The parameters, and what was prepared of them.</param>
    /// <param name="examples">The set.</param>
    /// <param name="start">The first example.</param>
    /// <param name="count">How many.</param>
    /// <param name="targets">What outputs are measured by.</param>
    (double Loss, int Misses) SumLosses(TWeight* parameters, Examples examples, int start, int count, Targets targets);

    /// <summary>The outputs for some examples, without perturbation.</summary>
    /// <param name="parameters">The parameters, and what was prepared of them.</param>
    /// <param name="examples">The set.</param>
    /// <param name="start">The first example.</param>
    /// <param name="count">How many.</param>
    /// <param name="outputs">Room for ten per example.</param>
    void Outputs(TWeight* parameters, Examples examples, int start, int count, Span<float> outputs);

    /// <summary>The outputs for one image.</summary>
    /// <param name="parameters">The parameters, and what was prepared of them.</param>
    /// <param name="image">(16, 16).</param>
    /// <param name="outputs">Room for ten.</param>
    void Outputs(TWeight* parameters, ReadOnlySpan<float> image, Span<float> outputs);
}
