using System.Numerics;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// A layer as plain mathematics: shapes, then forward beside backward, written once over the number type
/// (<see cref="IReal{TSelf, TWeight}"/>).
/// </summary>
public abstract class Layer
{
    /// <summary>Describes what every layer has.</summary>
    /// <param name="input">What it takes.</param>
    /// <param name="output">What it gives.</param>
    protected Layer(TensorShape input, TensorShape output)
    {
        Input = input;
        Output = output;
    }

    /// <summary>What it takes.</summary>
    public TensorShape Input { get; }

    /// <summary>What it gives.</summary>
    public TensorShape Output { get; }

    /// <summary>What it is, in a few words, for listings.</summary>
    public abstract string Description { get; }

    /// <summary>Its parameters, if any.</summary>
    public virtual IReadOnlyList<ParameterPart> Parts => [];

    /// <summary>Multiply-accumulates of an example on its way forward.</summary>
    public virtual long Operations => 0;

    /// <summary>How many numbers it keeps from its way forward to its way back, beside input and output.</summary>
    public virtual int Kept => 0;

    /// <summary>How many values it prepares of its parameters, once for all examples of a step.</summary>
    public virtual int Prepared => 0;

    /// <summary>
    /// Whether its output may overwrite its input, which it does not read on its way back.
    /// </summary>
    public virtual bool IsInPlace => false;

    /// <summary>Whether it reads its output on its way back, so that nobody may overwrite it.</summary>
    public virtual bool ReadsOutput => false;

    /// <summary>Prepares what is the same for all examples.</summary>
    /// <param name="parameters">All parameters of the network.</param>
    /// <param name="prepared">Room for <see cref="Prepared"/> values.</param>
    public virtual unsafe void Prepare<TWeight>(TWeight* parameters, TWeight* prepared)
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        // Most layers need nothing.
    }

    /// <summary>The way back of <see cref="Prepare"/>.</summary>
    /// <param name="preparedGradient">The gradient by what was prepared.</param>
    /// <param name="gradient">The gradient by all parameters, to which its share is added.</param>
    public virtual unsafe void Finish<TWeight>(TWeight* preparedGradient, TWeight* gradient)
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        // Most layers need nothing.
    }

    /// <summary>Input to output.</summary>
    /// <param name="pass">Where all is.</param>
    public abstract void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>;

    /// <summary>Gradient by the output to gradients by the input, which is overwritten, and by the parameters, added to.</summary>
    /// <param name="pass">Where all is; input, output and what was kept are those of the way forward.</param>
    public abstract void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>;
}
