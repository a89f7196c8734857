using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;

namespace GpuConvnet.Model.Layers;

/// <summary>A network's passes over examples, on one thread, whatever number type they use.</summary>
internal interface ILayerEngine : IDisposable
{
    /// <summary>How many examples a pass has.</summary>
    int Examples { get; }

    /// <summary>Takes parameters, for all passes until the next call.</summary>
    /// <param name="parameters">All of them.</param>
    void Load(ReadOnlySpan<float> parameters);

    /// <summary>Begins a gradient: 0.</summary>
    void ClearGradient();

    /// <summary>Adds the gradient of some examples' training losses, times a factor.</summary>
    /// <param name="examples">The set, or a block of one.</param>
    /// <param name="start">The first example.</param>
    /// <param name="count">How many.</param>
    /// <param name="perturbation">What randomness the step adds.</param>
    /// <param name="factor">The factor.</param>
    void AddGradient(Examples examples, int start, int count, in Perturbation perturbation, float factor);

    /// <summary>Copies the gradient out.</summary>
    /// <param name="gradient">As long as the parameters.</param>
    void StoreGradient(Span<float> gradient);

    /// <summary>The losses of some examples, without perturbation, and how many the network gets wrong.</summary>
    /// <param name="examples">The set.</param>
    /// <param name="start">The first example.</param>
    /// <param name="count">How many.</param>
    /// <param name="targets">What outputs are measured by.</param>
    (double Loss, int Misses) SumLosses(Examples examples, int start, int count, Targets targets);

    /// <summary>The outputs for one image.</summary>
    /// <param name="image">(16, 16).</param>
    /// <param name="outputs">Room for ten.</param>
    void Outputs(ReadOnlySpan<float> image, Span<float> outputs);
}
