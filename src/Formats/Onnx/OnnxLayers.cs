using System.Globalization;
using GpuConvnet.Model.Layers;

namespace GpuConvnet.Formats.Onnx;

/// <summary>The way from layers to nodes: a line per layer, and a file for each but the simplest.</summary>
internal static class OnnxLayers
{
    /// <summary>Writes layers one after another.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="input">What the first one takes.</param>
    /// <param name="prefix">What the names of their values begin with.</param>
    /// <param name="output">What the result is called, if a node gives it.</param>
    /// <returns>The name of the result.</returns>
    /// <exception cref="NotSupportedException">There are no nodes for one of the layers.</exception>
    public static string Write(OnnxGraph graph, IReadOnlyList<Layer> layers, string input, string prefix, string output)
    {
        string value = input;
        for (int index = 0; index < layers.Count; index++)
        {
            string own = string.Create(CultureInfo.InvariantCulture, $"{prefix}{index}");
            value = Write(graph, layers[index], value, own, index == layers.Count - 1 ? output : own);
        }

        return value;
    }

    private static string Write(OnnxGraph graph, Layer layer, string input, string prefix, string output) => layer switch
    {
        Convolution convolution => OnnxConvolution.Write(graph, convolution, input, prefix, output),
        Dense dense => OnnxDense.Write(graph, dense, input, prefix, output),
        ActivationLayer activation => activation.Function.Write(new OnnxFormula(graph, prefix, output), input),
        PatchEmbedding patches => OnnxTokens.Write(graph, patches, input, prefix, output),
        PositionEmbedding positions => OnnxTokens.Write(graph, positions, input, output),
        LayerNormalization normalization => OnnxLayerNormalization.Write(graph, normalization, input, prefix, output),
        SelfAttention attention => OnnxSelfAttention.Write(graph, attention, input, prefix, output),
        TokenMean => OnnxTokens.WriteMean(graph, input, output),
        Residual residual => graph.Node(
            "Add", output, [input, Write(graph, residual.Inner.Layers, input, $"{prefix}_", $"{prefix}_added")]),

        // Whoever runs the model evaluates, and evaluation drops none.
        Dropout => input,
        _ => throw new NotSupportedException($"There are no ONNX nodes for a layer '{layer.Description}'."),
    };
}
