using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>A network of any layers that classifies, on lanes of examples.</summary>
public sealed unsafe class LayerClassifier : INetwork
{
    /// <summary>As many examples as the trainer's evaluation adds up at once, so that the sums are the same to the bits.</summary>
    private const int Slice = 256;

    private readonly LayerNetwork _network;
    private readonly ILayerEngine<float> _engine;
    private readonly AlignedFloats _parameters;
    private readonly AlignedFloats _gradient;
    private readonly Targets _targets;

    /// <summary>Creates a network with all parameters 0.</summary>
    /// <param name="network">The network.</param>
    public LayerClassifier(LayerNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        _engine = network.CreateEngine();
        _parameters = new AlignedFloats(network.ParameterCount + network.Chain.Prepared);
        _gradient = new AlignedFloats(network.ParameterCount + network.Chain.Prepared);
        _targets = network.Loss.Targets(labelSmoothing: 0);
    }

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters)
    {
        VectorLength.Require(parameters.Length, _network.ParameterCount, nameof(parameters));
        parameters.CopyTo(_parameters.Span);
        _network.Chain.Prepare(_parameters.Pointer, _parameters.Pointer + _network.ParameterCount);
    }

    /// <inheritdoc/>
    public Evaluation Evaluate(Examples examples)
    {
        (double loss, int misses) = Sums(examples, _targets);
        return new Evaluation(examples.Count, loss / examples.Count, misses);
    }

    /// <inheritdoc/>
    public double TrainingLoss(Examples examples) =>
        Sums(examples, _network.Loss.Targets(_network.LabelSmoothing)).Loss / examples.Count;

    /// <inheritdoc/>
    public void Outputs(ReadOnlySpan<float> image, Span<float> outputs)
    {
        VectorLength.Require(image.Length, Shape1989.InputUnits, nameof(image));
        VectorLength.Require(outputs.Length, Shape1989.Outputs, nameof(outputs));
        _engine.Outputs(_parameters.Pointer, image, outputs);
    }

    /// <inheritdoc/>
    public void Outputs(Examples examples, Span<float> outputs)
    {
        ArgumentNullException.ThrowIfNull(examples);
        VectorLength.Require(outputs.Length, examples.Count * Shape1989.Outputs, nameof(outputs));
        _engine.Outputs(_parameters.Pointer, examples, 0, examples.Count, outputs);
    }

    /// <inheritdoc/>
    public double Gradient(Examples examples, int start, int count, Span<float> gradient)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, examples.Count - start);
        VectorLength.Require(gradient.Length, _network.ParameterCount, nameof(gradient));
        _gradient.Span.Clear();
        float* sums = _gradient.Pointer;
        _engine.AddGradient(_parameters.Pointer, examples, start, count, Perturbation.None, 1f / count, sums);
        _network.Chain.Finish(sums + _network.ParameterCount, sums);
        _gradient.Span[.._network.ParameterCount].CopyTo(gradient);
        return _engine.SumLosses(
            _parameters.Pointer, examples, start, count, _network.Loss.Targets(_network.LabelSmoothing)).Loss / count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.Dispose();
        _parameters.Dispose();
        _gradient.Dispose();
    }

    private (double Loss, int Misses) Sums(Examples examples, Targets targets)
    {
        ArgumentNullException.ThrowIfNull(examples);
        if (examples.Count == 0)
        {
            throw new ArgumentException("The set is empty.", nameof(examples));
        }

        double loss = 0;
        int misses = 0;
        for (int first = 0; first < examples.Count; first += Slice)
        {
            (double ofSlice, int missed) = _engine.SumLosses(
                _parameters.Pointer, examples, first, Math.Min(Slice, examples.Count - first), targets);
            loss += ofSlice;
            misses += missed;
        }

        return (loss, misses);
    }
}
