using System.Globalization;
using GpuConvnet.Formats.Protobuf;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Layers;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Formats.Onnx;

/// <summary>
/// A trained network, or an ensemble of several, as an ONNX model: <c>image</c> (batch, 1, 16, 16), values in [-1, 1], to <c>outputs</c>
/// (batch, 10). The numbers of fields are those of <c>onnx.proto</c>.
/// </summary>
public static class OnnxModel
{
    private const int IrVersion = 8;
    private const int OperatorSet = 13;
    private const string Input = "image";
    private const string Output = "outputs";

    /// <summary>The bytes of a network's model.</summary>
    /// <param name="model">The parameters and what is known about them.</param>
    /// <param name="network">The network.</param>
    /// <param name="name">What the graph is called.</param>
    /// <exception cref="NotSupportedException">There are no nodes for one of its layers.</exception>
    public static byte[] Serialize(SavedModel model, LayerNetwork network, string name)
    {
        OnnxGraph graph = new(model.Parameters);
        string result = OnnxLayers.Write(graph, network.Chain.Layers, Input, prefix: "layer", Output);
        return Serialize(graph, result, name, model.Metadata);
    }

    /// <summary>The bytes of an ensemble's model: one graph, in which every member looks at the image, and one result.</summary>
    /// <param name="metadata">What is known about it.</param>
    /// <param name="members">The networks and their parameters.</param>
    /// <param name="averaging">How their outputs become one network's.</param>
    /// <param name="name">What the graph is called.</param>
    /// <exception cref="NotSupportedException">There are no nodes for a layer of a member.</exception>
    internal static byte[] Serialize(
        IReadOnlyDictionary<string, string> metadata, IReadOnlyList<(LayerNetwork Network, float[] Parameters)> members,
        OutputAveraging averaging, string name)
    {
        OnnxGraph graph = new([]);
        string[] outputs = [.. members.Select((member, index) => OnnxLayers.Write(
            graph.Within(member.Parameters, string.Create(CultureInfo.InvariantCulture, $"members.{index}.")),
            member.Network.Chain.Layers, Input, prefix: "layer", Output))];
        return Serialize(graph, OnnxAverage.Write(graph, averaging, outputs, Output), name, metadata);
    }

    private static byte[] Serialize(OnnxGraph graph, string result, string name, IReadOnlyDictionary<string, string> metadata)
    {
        if (result != Output)
        {
            graph.Node("Identity", Output, [result]);
        }

        return new ProtobufMessage()
            .Add(1, IrVersion)
            .Add(2, "GpuConvnet")
            .Add(7, graph.ToMessage(name, (Input, [1, InputSize, InputSize]), (Output, [Outputs])))
            .Add(8, new ProtobufMessage().Add(1, "").Add(2, OperatorSet))
            .Add(14, metadata.Select(pair => new ProtobufMessage().Add(1, pair.Key).Add(2, pair.Value)))
            .ToArray();
    }
}
