using System.Buffers.Binary;
using GpuConvnet.Formats.Protobuf;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.Onnx;

/// <summary>
/// An ONNX graph while it is put together; a value is called by the name of the node or tensor that gives it. The numbers of fields
/// are those of <c>onnx.proto</c>.
/// </summary>
internal sealed class OnnxGraph
{
    private const int FloatType = 1;
    private const int Int64Type = 7;

    private readonly float[] _parameters;
    private readonly string _prefix;
    private readonly List<ProtobufMessage> _nodes;
    private readonly List<ProtobufMessage> _tensors;

    /// <summary>An empty graph.</summary>
    /// <param name="parameters">The network's parameters.</param>
    public OnnxGraph(float[] parameters)
        : this(parameters, prefix: "", [], [])
    {
    }

    private OnnxGraph(float[] parameters, string prefix, List<ProtobufMessage> nodes, List<ProtobufMessage> tensors)
    {
        _parameters = parameters;
        _prefix = prefix;
        _nodes = nodes;
        _tensors = tensors;
    }

    /// <summary>The same graph for a network in it: what is added through it is called by names of its own.</summary>
    /// <param name="parameters">The network's parameters.</param>
    /// <param name="prefix">What all its names begin with.</param>
    public OnnxGraph Within(float[] parameters, string prefix) => new(parameters, _prefix + prefix, _nodes, _tensors);

    /// <summary>The values of some of the network's parameters.</summary>
    /// <param name="part">Which.</param>
    public ReadOnlySpan<float> ValuesOf(ParameterPart part) => part.Of((ReadOnlySpan<float>)_parameters);

    /// <summary>Adds a node.</summary>
    /// <param name="type">Its operator.</param>
    /// <param name="output">The name of what it gives.</param>
    /// <param name="inputs">What it takes.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <returns>The name of what it gives.</returns>
    public string Node(string type, string output, string[] inputs, params ProtobufMessage[] attributes)
    {
        ProtobufMessage node = new();
        Array.ForEach(inputs, input => node.Add(1, input));
        string own = _prefix + output;
        _nodes.Add(node.Add(2, own).Add(3, own).Add(4, type).Add(5, attributes));
        return own;
    }

    /// <summary>Adds a tensor of parameters as they are.</summary>
    /// <param name="part">Which.</param>
    /// <returns>Its name: the part's, behind the network's prefix.</returns>
    public string Tensor(ParameterPart part) => Tensor(part.Name, [.. part.Shape], ValuesOf(part));

    /// <summary>Adds a tensor of parameters that every example of a batch has in common: its shape begins with 1.</summary>
    /// <param name="part">Which: a value for each of an example's.</param>
    /// <returns>Its name: the part's, behind the network's prefix.</returns>
    /// <remarks>Without the 1 the standard has it repeated too. Some readers take it for a value per map then, OpenCV among them.</remarks>
    public string TensorForAll(ParameterPart part) => Tensor(part.Name, [1, .. part.Shape], ValuesOf(part));

    /// <summary>Adds a tensor of numbers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its row-major shape.</param>
    /// <param name="values">Its values.</param>
    /// <returns>Its name.</returns>
    public string Tensor(string name, int[] shape, ReadOnlySpan<float> values) =>
        Tensor(name, shape, FloatType, ParameterBytes.Of(values));

    /// <summary>Adds a tensor of one number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">The number.</param>
    /// <returns>Its name.</returns>
    public string Constant(string name, float value) => Tensor(name, [], [value]);

    /// <summary>Adds a list of whole numbers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The numbers.</param>
    /// <returns>Its name.</returns>
    public string Whole(string name, params long[] values)
    {
        byte[] bytes = new byte[values.Length * sizeof(long)];
        for (int index = 0; index < values.Length; index++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(index * sizeof(long)), values[index]);
        }

        return Tensor(name, [values.Length], Int64Type, bytes);
    }

    /// <summary>A node's attribute of one whole number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">The number.</param>
    public static ProtobufMessage Attribute(string name, long value)
    {
        const int Int = 2;
        return new ProtobufMessage().Add(1, name).Add(3, value).Add(20, Int);
    }

    /// <summary>A node's attribute of a word.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="word">The word.</param>
    public static ProtobufMessage Attribute(string name, string word)
    {
        const int String = 3;
        return new ProtobufMessage().Add(1, name).Add(4, word).Add(20, String);
    }

    /// <summary>A node's attribute of several whole numbers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The numbers.</param>
    public static ProtobufMessage Attribute(string name, int[] values)
    {
        const int Ints = 7;
        ProtobufMessage attribute = new ProtobufMessage().Add(1, name);
        Array.ForEach(values, value => attribute.Add(8, value));
        return attribute.Add(20, Ints);
    }

    /// <summary>The graph as a message.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="input">What it takes: a name, and the sides after that of the batch.</param>
    /// <param name="output">What it gives, likewise.</param>
    public ProtobufMessage ToMessage(string name, (string Name, int[] Sides) input, (string Name, int[] Sides) output) =>
        new ProtobufMessage()
            .Add(1, _nodes)
            .Add(2, name)
            .Add(5, _tensors)
            .Add(11, Value(input.Name, input.Sides))
            .Add(12, Value(output.Name, output.Sides));

    private string Tensor(string name, int[] shape, int type, byte[] bytes)
    {
        ProtobufMessage tensor = new();
        Array.ForEach(shape, side => tensor.Add(1, side));
        string own = _prefix + name;
        _tensors.Add(tensor.Add(2, type).Add(8, own).Add(9, bytes));
        return own;
    }

    /// <summary>An input or output: a batch of any size, and the sides after it.</summary>
    private static ProtobufMessage Value(string name, int[] sides)
    {
        ProtobufMessage shape = new ProtobufMessage().Add(1, new ProtobufMessage().Add(2, "batch"));
        Array.ForEach(sides, side => shape.Add(1, new ProtobufMessage().Add(1, side)));
        ProtobufMessage tensor = new ProtobufMessage().Add(1, FloatType).Add(2, shape);
        return new ProtobufMessage().Add(1, name).Add(2, new ProtobufMessage().Add(1, tensor));
    }
}
