using GpuConvnet.Formats.Onnx;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Model.Network;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Runs.Models;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Export;

/// <summary>A network with random parameters, or an ensemble of several, as ONNX and as this program computes it.</summary>
internal sealed class OnnxCase
{
    private readonly IReadOnlyList<ModelMember> _members;
    private readonly OutputAverage? _average;

    private OnnxCase(IReadOnlyList<ModelMember> members, OutputAverage? average)
    {
        _members = members;
        _average = average;
    }

    private static ModelMember Random(ExperimentConfiguration configuration, int seed)
    {
        Random random = new(seed);
        float[] parameters = new float[configuration.ParameterCount];
        foreach (ParameterPart part in configuration.Parts)
        {
            float range = part.IsBias || part.FanIn == 0 ? 0.3f : 1.5f / MathF.Sqrt(part.FanIn);
            foreach (ref float parameter in part.Of(parameters.AsSpan()))
            {
                parameter = (random.NextSingle() * 2 - 1) * range;
            }
        }

        return new ModelMember(configuration.Experiment, configuration, new Dictionary<string, string>(), parameters);
    }

    /// <summary>What configurations say of the networks: 1989's with each of its options, the families, layers one by one.</summary>
    public static IReadOnlyDictionary<string, string> Networks { get; } = new Dictionary<string, string>
    {
        ["1989"] = """ "hidden": "tanh" """,
        ["1989 scaledTanh"] = """ "hidden": "scaledTanh", "output": "scaledTanh" """,
        ["1989 gelu"] = """ "hidden": "gelu", "output": "linear", "loss": "crossEntropy" """,
        ["1989 relu, connections of its own"] = """
            "hidden": "relu", "output": "linear", "loss": "crossEntropy", "connections": [
              [0, 1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 4, 5, 6, 7, 8, 9], [3, 4, 5, 6, 7, 8, 9, 10],
              [4, 5, 6, 7, 8, 9, 10, 11], [0, 5, 6, 7, 8, 9, 10, 11], [0, 1, 6, 7, 8, 9, 10, 11], [0, 1, 2, 7, 8, 9, 10, 11],
              [0, 1, 2, 3, 8, 9, 10, 11], [0, 1, 2, 3, 4, 9, 10, 11], [0, 1, 2, 3, 4, 5, 10, 11], [0, 1, 2, 3, 4, 5, 6, 11]]
            """,
        ["1989, width 0.5"] = """ "network": { "family": "1989", "width": 0.5 } """,
        ["lenet5"] = """ "hidden": "relu", "network": { "family": "lenet5" } """,
        ["vit"] = """ "loss": "crossEntropy", "output": "linear", "hidden": "gelu", "network": { "family": "vit", "depth": 2 } """,
        ["layers"] = """
            "loss": "crossEntropy", "network": { "layers": [
              { "kind": "convolution", "maps": 4, "kernel": 5, "stride": 2, "padding": 2, "paddingValue": -1, "bias": "unit" },
              { "kind": "activation", "function": "gelu" },
              { "kind": "convolution", "maps": 3, "kernel": 3, "connections": [[0, 3], [1, 2], [2, 0]] },
              { "kind": "activation", "function": "relu" }, { "kind": "dropout", "probability": 0.5 },
              { "kind": "dense", "units": 17 }, { "kind": "activation", "function": "scaledTanh" },
              { "kind": "dense", "units": 10 }, { "kind": "dropout", "probability": 0.1 } ] }
            """,
    };

    /// <summary>Ensembles of these networks, by what is averaged of them.</summary>
    public static IReadOnlyDictionary<string, (OutputAverage Average, string[] Members)> Ensembles { get; } =
        new Dictionary<string, (OutputAverage, string[])>
        {
            ["probabilities"] = (OutputAverage.Probabilities, ["1989 gelu", "1989 relu, connections of its own", "layers"]),
            ["logits"] = (OutputAverage.Logits, ["1989 gelu", "layers", "1989 gelu"]),
            ["outputs of squared error"] = (OutputAverage.Probabilities, ["1989", "lenet5"]),
            ["probabilities and squared error"] = (OutputAverage.Probabilities, ["1989, width 0.5", "1989 gelu", "1989 scaledTanh"]),
        };

    /// <summary>The model.</summary>
    public byte[] Onnx() => _average is { } average
        ? OnnxModel.Serialize(
            new Dictionary<string, string>(), [.. _members.Select(member => (member.Configuration.Layers, member.Parameters))],
            new SavedEnsemble(_members, average).Averaging, "ensemble")
        : OnnxModel.Serialize(
            new SavedModel(_members[0].Parameters, new Dictionary<string, string>()) { Parts = _members[0].Configuration.Parts },
            _members[0].Configuration.Layers, _members[0].Configuration.Experiment);

    private IClassifier CreateClassifier() => _average is { } average
        ? new SavedEnsemble(_members, average).CreateClassifier()
        : _members[0].Configuration.CreateClassifier(_members[0].Parameters);

    /// <summary>Creates one of the networks or ensembles.</summary>
    /// <param name="name">Which.</param>
    public static OnnxCase Of(string name) => Ensembles.TryGetValue(name, out (OutputAverage Average, string[] Members) ensemble)
        ? new OnnxCase([.. ensemble.Members.Select((member, index) => Random(Load(member), 11 + index))], ensemble.Average)
        : new OnnxCase([Random(Load(name), 11)], null);

    private static ExperimentConfiguration Load(string name)
    {
        using ScratchExperiment scratch = new();
        string file = scratch.In("any.json");
        File.WriteAllText(
            file,
            "{ \"experiment\": \"any\", \"dataset\": \"builtin\", \"train\": 64, \"test\": 10, \"batch\": \"full\", \"passes\": 1, "
            + "\"optimizer\": { \"kind\": \"adamw\", \"learningRate\": 0.003 }, " + Networks[name] + "}");
        return ConfigurationFile.Load(file);
    }

    /// <summary>Random images, 256 pixels in [-1, 1] each.</summary>
    /// <param name="count">How many.</param>
    public static float[] Images(int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count * Shape1989.InputUnits).Select(_ => random.NextSingle() * 2 - 1)];
    }

    /// <summary>Holds outputs that a reader of the model computed to those of this program.</summary>
    /// <param name="images">The images.</param>
    /// <param name="outputs">The reader's outputs, ten an image.</param>
    public void RequireSame(float[] images, float[] outputs)
    {
        using IClassifier network = CreateClassifier();
        int count = images.Length / Shape1989.InputUnits;
        Assert.Equal(count * Shape1989.Outputs, outputs.Length);
        float[] expected = new float[Shape1989.Outputs];
        for (int image = 0; image < count; image++)
        {
            network.Outputs(images.AsSpan(image * Shape1989.InputUnits, Shape1989.InputUnits), expected);
            for (int digit = 0; digit < expected.Length; digit++)
            {
                Assert.Equal(
                    expected[digit], outputs[image * expected.Length + digit], 1e-5f * Math.Max(1, Math.Abs(expected[digit])));
            }
        }
    }
}
