using System.Numerics;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>What a layer works on: the memory of one pass of the examples that a number holds.</summary>
/// <typeparam name="TReal">The number.</typeparam>
/// <typeparam name="TWeight">What parameters are.</typeparam>
public readonly unsafe struct LayerPass<TReal, TWeight>
    where TReal : unmanaged, IReal<TReal, TWeight>
    where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
{
    /// <summary>What the layer before gave, in the shape of <see cref="Layer.Input"/>, row-major.</summary>
    public TReal* Input { get; internal init; }

    /// <summary>What the layer gives, in the shape of <see cref="Layer.Output"/>, row-major; the input itself where <see cref="Layer.IsInPlace"/>.</summary>
    public TReal* Output { get; internal init; }

    /// <summary>What the layer keeps for its way back: <see cref="Layer.Kept"/> numbers.</summary>
    public TReal* Kept { get; internal init; }

    /// <summary>The loss's gradient by the output, in its shape.</summary>
    public TReal* OutputGradient { get; internal init; }

    /// <summary>Takes the loss's gradient by the input, in its shape; null where nobody asks for it.</summary>
    public TReal* InputGradient { get; internal init; }

    /// <summary>All parameters of the network, in the order of <see cref="LayerNetwork.Parts"/>.</summary>
    public TWeight* Parameters { get; internal init; }

    /// <summary>What the layer prepared of them: <see cref="Layer.Prepared"/> values.</summary>
    public TWeight* Prepared { get; internal init; }

    /// <summary>The gradient by all parameters, in their order, which a layer adds its own to.</summary>
    public TWeight* Gradient { get; internal init; }

    /// <summary>The gradient by what was prepared: as many values.</summary>
    public TWeight* PreparedGradient { get; internal init; }

    /// <summary>The first example's place in the training set; the others follow it.</summary>
    public int FirstExample { get; internal init; }

    /// <summary>What randomness the step adds.</summary>
    public Perturbation Perturbation { get; internal init; }

    /// <summary>Whether it is a step of training, in which units are dropped.</summary>
    public bool IsTraining { get; internal init; }
}
