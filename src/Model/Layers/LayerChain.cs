using System.Numerics;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// Layers one after the other, and where their numbers lie: outputs and what layers keep, then two areas between which
/// gradients go to and fro.
/// </summary>
public sealed class LayerChain
{
    private readonly Layer[] _layers;
    private readonly int[] _prepared;
    private readonly LayerMemory _apart;
    private readonly LayerMemory _shared;

    /// <summary>Puts layers on each other.</summary>
    /// <param name="layers">One or more, each of which takes what the one before gives.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are none.</exception>
    /// <exception cref="LayerException">One takes another shape.</exception>
    public LayerChain(IReadOnlyList<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count);
        _layers = [.. layers];
        for (int i = 1; i < _layers.Length; i++)
        {
            LayerException.Require(
                _layers[i].Input.Equals(_layers[i - 1].Output),
                $"layer {i} takes {_layers[i].Input}, and the one before gives {_layers[i - 1].Output}");
        }

        _prepared = new int[_layers.Length];
        for (int i = 0; i < _layers.Length; i++)
        {
            _prepared[i] = Prepared;
            Prepared += _layers[i].Prepared;
        }

        _apart = LayerMemory.Of(_layers, sharesOutputs: false);
        _shared = LayerMemory.Of(_layers, sharesOutputs: true);
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>What it takes.</summary>
    public TensorShape Input => _layers[0].Input;

    /// <summary>What it gives.</summary>
    public TensorShape Output => _layers[^1].Output;

    /// <summary>How many numbers a pass needs.</summary>
    public int Memory => _apart.Count;

    /// <summary>How many values the layers prepare.</summary>
    public int Prepared { get; }

    /// <summary>How many numbers a pass needs with a certain number type.</summary>
    /// <typeparam name="TReal">The number.</typeparam>
    /// <typeparam name="TWeight">What parameters are.</typeparam>
    public int MemoryFor<TReal, TWeight>()
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> => PlanFor<TReal, TWeight>().Count;

    /// <summary>Prepares what is the same for all examples.</summary>
    /// <param name="parameters">All parameters of the network.</param>
    /// <param name="prepared">Room for <see cref="Prepared"/> values.</param>
    public unsafe void Prepare<TWeight>(TWeight* parameters, TWeight* prepared)
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i].Prepare(parameters, prepared + _prepared[i]);
        }
    }

    /// <summary>The way back of <see cref="Prepare"/>.</summary>
    /// <param name="preparedGradient">The gradient by what was prepared.</param>
    /// <param name="gradient">The gradient by all parameters, to which its share is added.</param>
    public unsafe void Finish<TWeight>(TWeight* preparedGradient, TWeight* gradient)
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i].Finish(preparedGradient + _prepared[i], gradient);
        }
    }

    /// <summary>Input to output.</summary>
    /// <param name="pass">Input, parameters and what was prepared of them; the memory is in its place for what is kept.</param>
    /// <returns>The output, in the memory.</returns>
    public unsafe TReal* Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> => Forward(pass, times: null);

    /// <summary>The same, timed.</summary>
    /// <param name="pass">Input, parameters and what was prepared of them.</param>
    /// <param name="times">Is told of each layer; null for nobody.</param>
    /// <returns>The output, in the memory.</returns>
    internal unsafe TReal* Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, LayerTimes? times)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        LayerMemory memory = PlanFor<TReal, TWeight>();
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i].Forward(PassOf(pass, memory, i));
            times?.Forward(i);
        }

        return pass.Kept + memory.Outputs[^1];
    }

    /// <summary>
    /// Gradient by the output to gradients by the input, if it is asked for, and by the parameters. The gradient by the
    /// output stays as it is.
    /// </summary>
    /// <param name="pass">What the way forward had, and the gradients.</param>
    public unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> => Backward(pass, times: null);

    /// <summary>The same, timed.</summary>
    /// <param name="pass">What the way forward had, and the gradients.</param>
    /// <param name="times">Is told of each layer; null for nobody.</param>
    internal unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass, LayerTimes? times)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        LayerMemory memory = PlanFor<TReal, TWeight>();
        TReal* outputGradient = pass.OutputGradient;
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            TReal* inputGradient = i == 0 ? pass.InputGradient : pass.Kept + memory.Gradients[i % 2];
            _layers[i].Backward(PassOf(pass, memory, i) with { OutputGradient = outputGradient, InputGradient = inputGradient });
            outputGradient = inputGradient;
            times?.Backward(i);
        }
    }

    private unsafe LayerPass<TReal, TWeight> PassOf<TReal, TWeight>(
        in LayerPass<TReal, TWeight> pass, LayerMemory memory, int layer)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> => pass with
        {
            Input = layer == 0 ? pass.Input : pass.Kept + memory.Outputs[layer - 1],
            Output = pass.Kept + memory.Outputs[layer],
            Kept = pass.Kept + memory.Kept[layer],
            Prepared = pass.Prepared + _prepared[layer],
            PreparedGradient = pass.PreparedGradient + _prepared[layer],
        };

    private LayerMemory PlanFor<TReal, TWeight>()
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> => TReal.DerivativesNeedSums ? _apart : _shared;
}
