using System.Numerics;
using System.Runtime.CompilerServices;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>An activation function of every unit: output = f(input).</summary>
public sealed class ActivationLayer : Layer
{
    private readonly bool _isInPlace;

    /// <summary>Creates a layer.</summary>
    /// <param name="input">Any shape.</param>
    /// <param name="function">The function.</param>
    public ActivationLayer(TensorShape input, Activation function)
        : base(input, input)
    {
        ArgumentNullException.ThrowIfNull(function);
        Function = function;
        _isInPlace = !function.DerivativeNeedsSum;
    }

    /// <summary>The function.</summary>
    public Activation Function { get; }

    /// <inheritdoc/>
    public override string Description => Function.Name;

    /// <inheritdoc/>
    public override bool IsInPlace => _isInPlace;

    /// <inheritdoc/>
    public override bool ReadsOutput => true;

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        Values<TReal, TWeight> values = new(pass.Input, pass.Output, Output.Count);
        Function.Accept(ref values);
    }

    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        Gradients<TReal, TWeight> gradients = new(pass, Output.Count);
        Function.Accept(ref gradients);
    }

    private readonly unsafe struct Values<TReal, TWeight>(TReal* input, TReal* output, int count) : IActivationVisitor
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Visit<TActivation>()
            where TActivation : struct, IActivation
        {
            TReal* sums = input;
            TReal* values = output;
            for (int unit = 0; unit < count; unit++)
            {
                values[unit] = TReal.Apply<TActivation>(sums[unit]);
            }
        }
    }

    private readonly unsafe struct Gradients<TReal, TWeight>(LayerPass<TReal, TWeight> pass, int count) : IActivationVisitor
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Visit<TActivation>()
            where TActivation : struct, IActivation
        {
            TReal* sums = pass.Input;
            TReal* values = pass.Output;
            TReal* outputGradient = pass.OutputGradient;
            TReal* inputGradient = pass.InputGradient;
            for (int unit = 0; unit < count; unit++)
            {
                inputGradient[unit] = outputGradient[unit] * TReal.Derivative<TActivation>(sums[unit], values[unit]);
            }
        }
    }
}
