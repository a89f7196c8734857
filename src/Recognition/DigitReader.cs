using GpuConvnet.Model;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Recognition.Finding;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Recognition;

/// <summary>A trained network that reads digits. Not safe for use by several threads at once.</summary>
public sealed class DigitReader : IDisposable
{
    private readonly IClassifier _network;
    private readonly Loss _loss;

    /// <summary>Prepares the network of 1989.</summary>
    /// <param name="parameters">9,760 trained parameters.</param>
    /// <param name="network">What they were trained as.</param>
    /// <param name="framing">How the digits were placed that they were trained on.</param>
    /// <exception cref="ArgumentException">There are more or fewer parameters.</exception>
    /// <exception cref="NotSupportedException">The network is not that of 1989, or its loss does not go with its outputs.</exception>
    public DigitReader(ReadOnlySpan<float> parameters, NetworkOptions network, Framing framing)
    {
        ArgumentNullException.ThrowIfNull(network);
        SimdNetwork only = SimdNetwork.Create(network);
        only.Load(parameters);
        _network = only;
        _loss = network.Loss;
        Framing = framing;
    }

    /// <summary>Takes a network, whichever it is.</summary>
    /// <param name="network">The network with its parameters; it is disposed with the reader.</param>
    /// <param name="loss">What it was trained to minimise.</param>
    /// <param name="framing">How the digits were placed that it was trained on.</param>
    public DigitReader(IClassifier network, Loss loss, Framing framing)
    {
        _network = network;
        _loss = loss;
        Framing = framing;
    }

    /// <summary>How the digits were placed that the network was trained on.</summary>
    public Framing Framing { get; }

    /// <summary>Frames a digit and reads it.</summary>
    /// <param name="digit">The digit.</param>
    /// <param name="pixels">(16, 16), -1 paper to 1 ink: what the network saw.</param>
    public Prediction Read(FoundDigit digit, out float[] pixels)
    {
        pixels = DigitFrame.Of(digit, Framing);
        return Read(pixels);
    }

    /// <summary>Reads a digit that is framed already.</summary>
    /// <param name="pixels">(16, 16), -1 paper to 1 ink.</param>
    /// <exception cref="ArgumentException">There are more or fewer than 256.</exception>
    public Prediction Read(ReadOnlySpan<float> pixels)
    {
        float[] outputs = new float[Outputs];
        int[]? answers = null;
        if (_network is EnsembleClassifier ensemble)
        {
            answers = new int[ensemble.Members.Count];
            ensemble.Outputs(pixels, outputs, answers);
        }
        else
        {
            _network.Outputs(pixels, outputs);
        }

        (int digit, int runnerUp) = MostActive.Of(outputs);
        double[]? probabilities = null;
        if (Confidence.IsProbability(_loss))
        {
            probabilities = new double[Outputs];
            for (int i = 0; i < Outputs; i++)
            {
                probabilities[i] = Confidence.Of(outputs, i, _loss);
            }
        }

        return new Prediction(digit, runnerUp, outputs, probabilities, Confidence.Margin(outputs, _loss))
        {
            Answers = answers,
        };
    }

    /// <summary>How probable an answer is, from 0 to 1.</summary>
    /// <param name="prediction">The answer.</param>
    public double ConfidenceOf(Prediction prediction)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        return Confidence.Of(prediction.Outputs, prediction.Digit, _loss);
    }

    /// <summary>An answer's margin, as a part of the largest that the loss asks for.</summary>
    /// <param name="prediction">The answer.</param>
    /// <returns>From 0 to 1.</returns>
    public double ShareOf(Prediction prediction)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        return Math.Min(1, prediction.Margin / (Confidence.IsProbability(_loss) ? 1 : 2));
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
