using GpuConvnet.Kernels.Layers;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>How a member's optimizer moves one parameter, as a compile-time choice of <see cref="EnsembleKernels"/>.</summary>
internal interface IEnsembleRule
{
    /// <summary>Whether a step looks at several examples, whose gradients are summed.</summary>
    static virtual bool Sums => false;

    /// <summary>A parameter as one gradient leaves it.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">The derivative of the example's loss by it.</param>
    /// <param name="slot">
    /// Where its state is, if there is any: a place of its own below the number of parameters, chosen so that neighbouring
    /// threads have neighbouring slots. It need not be the parameter's place.
    /// </param>
    /// <param name="step">The presentation's constants, and the member's state.</param>
    static abstract float Moved(float parameter, float gradient, int slot, in EnsembleStep step);

    /// <summary>Five of them, all of whose state is read before any is written: a write holds back the reads behind it.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="slot">The first one's slot.</param>
    /// <param name="stride">Slots from one to the next.</param>
    /// <param name="step">The presentation's constants, and the member's state.</param>
    static abstract Taps5 Moved(Taps5 parameters, Taps5 gradients, int slot, int stride, in EnsembleStep step);
}
