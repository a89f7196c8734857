using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>A network of any layers, from an image to an output per class, and what it is trained to.</summary>
public sealed class LayerNetwork
{
    /// <summary>The most parameters of a network: a vector of them has room in memory many times.</summary>
    public const int MostParameters = 50_000_000;

    /// <summary>Puts a network together.</summary>
    /// <param name="layers">Its layers.</param>
    /// <param name="parts">Their parameters.</param>
    /// <param name="loss">What training minimises.</param>
    /// <exception cref="LayerException">It does not take an image, or does not give ten outputs.</exception>
    public LayerNetwork(IReadOnlyList<Layer> layers, PartList parts, Loss loss)
    {
        ArgumentNullException.ThrowIfNull(parts);
        Chain = new LayerChain(layers);
        Parts = parts.Parts;
        ParameterCount = parts.Count;
        Loss = loss;
        LayerException.Require(
            Chain.Input.Equals(TensorShape.Image), $"the first layer takes {Chain.Input}, and an image is {TensorShape.Image}");
        LayerException.Require(
            Chain.Output.Equals(new TensorShape(Shape1989.Outputs)),
            $"the last layer gives {Chain.Output}, and there are {Shape1989.Outputs} classes: expected ({Shape1989.Outputs})");
    }

    /// <summary>The layers.</summary>
    public LayerChain Chain { get; }

    /// <summary>The parameters, in the order of their vector.</summary>
    public IReadOnlyList<ParameterPart> Parts { get; }

    /// <summary>How many parameters there are.</summary>
    public int ParameterCount { get; }

    /// <summary>What training minimises.</summary>
    public Loss Loss { get; }

    /// <summary>The share of cross entropy's target that training spreads over all outputs, in [0, 1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>How much training is towards a teacher's outputs beside the labels; null for labels alone.</summary>
    internal Distillation? Distillation { get; init; }

    /// <summary>How far the initial weights spread.</summary>
    public InitialWeights InitialWeights { get; init; } = InitialWeights.Article;

    /// <summary>Whether a layer drops units in training.</summary>
    internal bool Drops { get; init; }

    /// <summary>The activation of the outputs: the last layer's, or none.</summary>
    internal Activation OutputActivation => (Chain.Layers[^1] as ActivationLayer)?.Function ?? Activation.Of<Linear>();

    /// <summary>What the last biases begin with.</summary>
    internal float OutputBias { get; init; }

    /// <summary>Multiply-accumulates of an example on its way forward.</summary>
    public long Operations => Chain.Layers.Sum(layer => layer.Operations);

    /// <summary>
    /// Multiply-accumulates of an example in training: forward, and the gradients by weights and by inputs, as many each. Nobody
    /// asks for the gradient by the image.
    /// </summary>
    public long TrainingOperations => 3 * Operations - Chain.Layers[0].Operations;

    /// <summary>Draws initial parameters, part after part, as <see cref="InitialWeights"/> says.</summary>
    /// <param name="seed">The seed of <c>torch.manual_seed</c>.</param>
    /// <returns>(<see cref="ParameterCount"/>), in the order of <see cref="Parts"/>.</returns>
    public float[] DrawParameters(uint seed) => InitialParameters.Draw(Parts, ParameterCount, InitialWeights, OutputBias, seed);

    /// <summary>Its passes on one thread, by the engine that is fast on this processor; to be disposed.</summary>
    internal ILayerEngine<float> CreateEngine() => Vector512.IsHardwareAccelerated
        ? new LayerEngine<Lanes32, float>(this)
        : new LayerEngine<Lanes16, float>(this);
}
