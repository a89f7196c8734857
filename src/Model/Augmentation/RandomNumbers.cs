namespace GpuConvnet.Model.Augmentation;

/// <summary>Where training per example draws its shifts and its dropout from.</summary>
internal enum RandomNumbers
{
    /// <summary>From Philox, at an address made of seed, step, example and use: see <see cref="Perturbation"/>.</summary>
    Philox,

    /// <summary>From NumPy's and PyTorch's generators, one step after the other: see <see cref="ArticlePerturbation"/>.</summary>
    Article,
}
