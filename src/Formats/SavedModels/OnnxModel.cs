using System.Buffers.Binary;
using GpuConvnet.Formats.Protobuf;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>
/// A trained network as an ONNX model: <c>image</c> (batch, 1, 16, 16), values in [-1, 1], to <c>outputs</c> (batch, 10).
/// The numbers of fields are those of <c>onnx.proto</c>.
/// </summary>
public static class OnnxModel
{
    private const int IrVersion = 8;
    private const int OperatorSet = 13;
    private const int FloatType = 1;
    private const int Int64Type = 7;

    /// <summary>The model's bytes.</summary>
    /// <param name="model">The parameters and what is known about them.</param>
    /// <param name="network">The network's activations and connections.</param>
    public static byte[] Serialize(SavedModel model, NetworkOptions network)
    {
        List<ProtobufMessage> nodes = [];
        List<ProtobufMessage> tensors =
        [
            Tensor("pads", [0, 0, Padding, Padding, 0, 0, Padding, Padding]),
            Tensor("background", [], [PaddingValue]),
            .. Parameters.Parts.Where(part => part != Parameters.H2w).Select(part => Tensor(
                part.Name, [.. part.Shape], model.Parameters[part.Offset..(part.Offset + part.Count)])),
            Tensor("H2w", [H2Maps, H1Maps, KernelSize, KernelSize], Connected(model.Parameters, network.Connections)),
        ];

        string Node(string type, string output, string[] inputs, params ProtobufMessage[] attributes)
        {
            ProtobufMessage node = new();
            Array.ForEach(inputs, input => node.Add(1, input));
            nodes.Add(node.Add(2, output).Add(3, output).Add(4, type).Add(5, attributes));
            return output;
        }

        string Convolved(string name, string input)
        {
            string padded = Node("Pad", $"{name}_padded", [input, "pads", "background"]);
            string sums = Node("Conv", $"{name}_conv", [padded, $"{name}w"], Strides(Stride, Stride));
            return Hidden(name, Node("Add", $"{name}_sums", [sums, $"{name}b"]));
        }

        string Hidden(string name, string sums) => network.Hidden.Write(Formula(name, name), sums);

        OnnxFormula Formula(string prefix, string result) => new(
            prefix, result, (type, output, inputs) => Node(type, output, inputs),
            (name, value) => tensors.Add(Tensor(name, [], [value])));

        string h2 = Convolved("H2", Convolved("H1", "image"));
        string row = Node("Flatten", "H2_row", [h2]);
        string h3 = Hidden("H3", Node("Add", "H3_sums", [Node("MatMul", "H3_product", [row, "H3w"]), "H3b"]));
        string product = Node("MatMul", "out_product", [h3, "outw"]);
        string sums = network.Output == Activation.Of<Linear>() ? "outputs" : "out_sums";
        network.Output.Write(Formula("out", "outputs"), Node("Add", sums, [product, "outb"]));
        ProtobufMessage graph = new ProtobufMessage()
            .Add(1, nodes)
            .Add(2, "LeCun's zip-code network of 1989")
            .Add(5, tensors)
            .Add(11, Value("image", 1, InputSize, InputSize))
            .Add(12, Value("outputs", Outputs));
        return new ProtobufMessage()
            .Add(1, IrVersion)
            .Add(2, "GpuConvnet")
            .Add(7, graph)
            .Add(8, new ProtobufMessage().Add(1, "").Add(2, OperatorSet))
            .Add(14, model.Metadata.Select(pair => new ProtobufMessage().Add(1, pair.Key).Add(2, pair.Value)))
            .ToArray();
    }

    /// <summary>H2's weights with a kernel for each map of H1: 0 for those that it does not read.</summary>
    private static float[] Connected(float[] parameters, H2Connections connections)
    {
        float[] weights = new float[H2Maps * H1Maps * KernelTaps];
        for (int map = 0; map < H2Maps; map++)
        {
            ReadOnlySpan<int> sources = connections.Sources(map);
            for (int source = 0; source < sources.Length; source++)
            {
                parameters.AsSpan(Parameters.H2w.Offset + (((map * sources.Length) + source) * KernelTaps), KernelTaps)
                    .CopyTo(weights.AsSpan(((map * H1Maps) + sources[source]) * KernelTaps));
            }
        }

        return weights;
    }

    private static ProtobufMessage Strides(params int[] strides)
    {
        const int Ints = 7;
        ProtobufMessage attribute = new ProtobufMessage().Add(1, "strides");
        Array.ForEach(strides, stride => attribute.Add(8, stride));
        return attribute.Add(20, Ints);
    }

    private static ProtobufMessage Tensor(string name, int[] shape, float[] values) =>
        Tensor(name, shape, FloatType, ParameterBytes.Of(values));

    private static ProtobufMessage Tensor(string name, long[] values)
    {
        byte[] bytes = new byte[values.Length * sizeof(long)];
        for (int index = 0; index < values.Length; index++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(index * sizeof(long)), values[index]);
        }

        return Tensor(name, [values.Length], Int64Type, bytes);
    }

    private static ProtobufMessage Tensor(string name, int[] shape, int type, byte[] bytes)
    {
        ProtobufMessage tensor = new();
        Array.ForEach(shape, side => tensor.Add(1, side));
        return tensor.Add(2, type).Add(8, name).Add(9, bytes);
    }

    /// <summary>An input or output: a batch of any size, and the sides after it.</summary>
    private static ProtobufMessage Value(string name, params int[] sides)
    {
        ProtobufMessage shape = new ProtobufMessage().Add(1, new ProtobufMessage().Add(2, "batch"));
        Array.ForEach(sides, side => shape.Add(1, new ProtobufMessage().Add(1, side)));
        ProtobufMessage tensor = new ProtobufMessage().Add(1, FloatType).Add(2, shape);
        return new ProtobufMessage().Add(1, name).Add(2, new ProtobufMessage().Add(1, tensor));
    }
}
