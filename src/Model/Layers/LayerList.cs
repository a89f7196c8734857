using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Layers;

/// <summary>A network while it is put together, layer by layer.</summary>
public sealed class LayerList
{
    private readonly List<Layer> _layers = [];
    private readonly DropoutUnits _droppedUnits;

    /// <summary>Begins a network, which takes images.</summary>
    public LayerList()
        : this(TensorShape.Image, new PartList(), new DropoutUnits())
    {
    }

    private LayerList(TensorShape input, PartList parts, DropoutUnits droppedUnits)
    {
        Output = input;
        Parts = parts;
        _droppedUnits = droppedUnits;
    }

    /// <summary>The layers so far.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Takes the layers' parameters.</summary>
    public PartList Parts { get; }

    /// <summary>What the last layer gives; at first what the network takes.</summary>
    public TensorShape Output { get; private set; }

    /// <summary>Begins a list of layers inside of a layer that takes what the last one gives.</summary>
    public LayerList Inner() => new(Output, Parts, _droppedUnits);

    /// <summary>Adds a layer.</summary>
    /// <param name="layer">One that takes what the last one gives.</param>
    public void Add(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        _layers.Add(layer);
        Output = layer.Output;
    }

    /// <summary>Adds an activation; nothing if it is the identity.</summary>
    /// <param name="function">The function.</param>
    public void AddActivation(Activation function)
    {
        if (function != Activation.Of<Linear>())
        {
            Add(new ActivationLayer(Output, function));
        }
    }

    /// <summary>Adds dropout; nothing if nothing is dropped.</summary>
    /// <param name="probability">How likely a unit is dropped.</param>
    /// <exception cref="LayerException">It is no probability.</exception>
    public void AddDropout(double probability)
    {
        if (probability != 0)
        {
            Dropout layer = new(Output, probability, _droppedUnits.Count);
            _droppedUnits.Count = layer.EndUnit;
            Add(layer);
        }
    }

    /// <summary>The network.</summary>
    /// <param name="options">What it is trained to, and how its parameters begin.</param>
    /// <exception cref="LayerException">It does not give an output per class.</exception>
    public LayerNetwork ToNetwork(NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        bool isBounded = _layers.LastOrDefault() is ActivationLayer;
        return new LayerNetwork(_layers, Parts, options.Loss)
        {
            LabelSmoothing = options.LabelSmoothing,
            Distillation = options.Distillation,
            InitialWeights = options.InitialWeights,
            Drops = _droppedUnits.Count > 0,
            OutputBias = isBounded && !options.Loss.NeedsLinearOutput ? -1f : 0f,
        };
    }

    private sealed class DropoutUnits
    {
        public int Count { get; set; }
    }
}
