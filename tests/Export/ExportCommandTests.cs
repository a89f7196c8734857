using System.Globalization;
using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Oracle;
using GpuConvnet.Trainer.Setup.Configuration;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GpuConvnet.Tests.Export;

/// <summary>What other tools read of a trained network.</summary>
public sealed class ExportCommandTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    public static TheoryData<Activation, Activation, Loss, bool> Networks => new()
    {
        { Activation.Of<Tanh>(), Activation.Of<Tanh>(), Loss.Of<SquaredError>(), false },
        { Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<SquaredError>(), false },
        { Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>(), true },
        { Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>(), false },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void OnnxRuntimeComputesWhatTheReferencePathDoes(
        Activation hidden, Activation output, Loss loss, bool ownConnections)
    {
        NetworkOptions network = new(hidden, output, loss)
        {
            Connections = ownConnections ? OwnConnections() : H2Connections.Article,
        };
        float[] parameters = RandomNetwork.Parameters(new Random(4));
        string model = Save(network, parameters);
        string onnx = _scratch.In("model.onnx");

        CommandRun run = CommandRun.Of("export", model, "--format", "onnx", "--out", onnx);

        Assert.Equal((0, $"saved: {onnx}"), (run.Code, run.Output.Trim()));
        using SimdNetwork reference = SimdNetwork.Create(network);
        reference.Load(parameters);
        using InferenceSession session = new(onnx);
        foreach (int batch in new[] { 1, 7, 100 })
        {
            Random random = new(batch);
            float[] images = [.. Enumerable.Range(0, batch * 256).Select(_ => (random.NextSingle() * 2) - 1)];
            float[] outputs = Run(session, images, batch);
            float[] expected = new float[10];
            for (int example = 0; example < batch; example++)
            {
                reference.Outputs(images.AsSpan(example * 256, 256), expected);
                for (int digit = 0; digit < 10; digit++)
                {
                    Assert.Equal(expected[digit], outputs[(example * 10) + digit], 1e-5f * Math.Max(1, Math.Abs(expected[digit])));
                }
            }
        }

        Assert.Equal("of a test", session.ModelMetadata.CustomMetadataMap["experiment"]);
    }

    [Theory]
    [InlineData(""" "network": { "family": "1989", "width": 0.5 } """)]
    [InlineData("""
        "loss": "crossEntropy", "network": { "layers": [
          { "kind": "convolution", "maps": 4, "kernel": 5, "stride": 2, "padding": 2, "paddingValue": -1, "bias": "unit" },
          { "kind": "activation", "function": "gelu" }, { "kind": "dropout", "probability": 0.5 },
          { "kind": "convolution", "maps": 3, "kernel": 3, "connections": [[0, 3], [1, 2], [2, 0]] },
          { "kind": "activation", "function": "relu" },
          { "kind": "dense", "units": 17 }, { "kind": "activation", "function": "scaledTanh" },
          { "kind": "dense", "units": 10 }, { "kind": "dropout", "probability": 0.1 } ] }
        """)]
    [InlineData(""" "loss": "crossEntropy", "output": "linear", "hidden": "gelu", "network": { "family": "vit", "depth": 2 }, "dropout": 0.1 """)]
    [InlineData(""" "hidden": "relu", "network": { "family": "lenet5" } """)]
    public void OnnxRuntimeComputesWhatAnyNetworkDoes(string network)
    {
        string config = _scratch.In("any.json");
        File.WriteAllText(
            config,
            "{ \"experiment\": \"any\", \"dataset\": \"builtin\", \"train\": 64, \"test\": 10, \"batch\": \"full\", \"passes\": 1, "
            + "\"optimizer\": { \"kind\": \"adamw\", \"learningRate\": 0.003 }, " + network + "}");
        CommandRun trained = CommandRun.Of("--config", config, "-a", "host", "--out", _scratch.In("run"));
        Assert.True(trained.Code == 0, trained.Error);
        string onnx = _scratch.In("any.onnx");

        CommandRun run = CommandRun.Of("export", _scratch.In("run"), "--format", "onnx", "--out", onnx);

        Assert.True(run.Code == 0, run.Error);
        ExperimentConfiguration configuration = ConfigurationFile.Load(config);
        using IClassifier reference = configuration.CreateClassifier(
            Safetensors.Read(_scratch.In("run", "model.safetensors"), _ => configuration.Parts).Parameters);
        using InferenceSession session = new(onnx);
        Random random = new(3);
        float[] images = [.. Enumerable.Range(0, 7 * 256).Select(_ => (random.NextSingle() * 2) - 1)];
        float[] outputs = Run(session, images, 7);
        float[] expected = new float[10];
        for (int example = 0; example < 7; example++)
        {
            reference.Outputs(images.AsSpan(example * 256, 256), expected);
            for (int digit = 0; digit < 10; digit++)
            {
                Assert.Equal(expected[digit], outputs[(example * 10) + digit], 1e-5f * Math.Max(1, Math.Abs(expected[digit])));
            }
        }
    }

    [Fact]
    public void PyTorchLoadsASavedListOfLayersIntoItsOwn()
    {
        string python = Python.With("import torch");
        string config = _scratch.In("any.json");
        File.WriteAllText(config, """
            { "experiment": "any", "dataset": "builtin", "train": 64, "test": 10, "batch": "full", "passes": 1,
              "optimizer": { "kind": "adamw", "learningRate": 0.003 }, "network": { "layers": [
                { "kind": "convolution", "maps": 4, "kernel": 5, "stride": 2 }, { "kind": "activation", "function": "relu" },
                { "kind": "dense", "units": 10 } ] } }
            """);
        CommandRun trained = CommandRun.Of("--config", config, "-a", "host", "--out", _scratch.In("run"));
        Assert.True(trained.Code == 0, trained.Error);
        string model = _scratch.In("run", "model.safetensors");

        (int code, string output) =
            Python.Run(python, Path.Combine(AppContext.BaseDirectory, "golden", "load_model.py"), model);

        Assert.True(code == 0, output);
        float[] outputs = [.. JsonNode.Parse(output)!.AsArray().Select(value => (float)value!)];
        ExperimentConfiguration configuration = ConfigurationFile.Load(config);
        using IClassifier ours = configuration.CreateClassifier(Safetensors.Read(model, _ => configuration.Parts).Parameters);
        Examples examples = Golden.Examples();
        float[] expected = new float[10];
        for (int example = 0; example < examples.Count; example++)
        {
            ours.Outputs(examples.Image(example), expected);
            for (int digit = 0; digit < 10; digit++)
            {
                Assert.Equal(expected[digit], outputs[(example * 10) + digit], 2e-6f);
            }
        }
    }

    [Fact]
    public void JsonAndCsvHoldEveryParameterToTheLastBit()
    {
        float[] parameters = RandomNetwork.Parameters(new Random(5));
        string model = Save(NetworkOptions.Base1989, parameters);
        Assert.Equal(0, CommandRun.Of("export", model, "-f", "json", "-o", _scratch.In("m.json")).Code);
        Assert.Equal(0, CommandRun.Of("export", model, "-f", "csv", "-o", _scratch.In("m.csv")).Code);

        JsonNode json = JsonNode.Parse(File.ReadAllText(_scratch.In("m.json")))!;
        Assert.Equal(
            Parameters.Parts.Select(part => $"{part.Name} {string.Join(',', part.Shape)}"),
            json["parts"]!.AsArray().Select(part =>
                $"{part!["name"]} {string.Join(',', part["shape"]!.AsArray().Select(side => (int)side!))}"));
        Assert.Equal(parameters, json["parts"]!.AsArray().SelectMany(part => part!["values"]!.AsArray()).Select(value => (float)value!));
        string[] lines = File.ReadAllLines(_scratch.In("m.csv"));
        Assert.Equal(parameters, lines[1..].Select(line => float.Parse(line.Split(',')[2], CultureInfo.InvariantCulture)));
        Assert.StartsWith("H1w,0,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void ASafetensorsFileIsTheSameModelAgain()
    {
        string model = Save(NetworkOptions.Base1989, RandomNetwork.Parameters(new Random(6)));

        Assert.Equal(0, CommandRun.Of("export", model, "-f", "safetensors", "-o", _scratch.In("again.safetensors")).Code);

        Assert.Equal(File.ReadAllBytes(model), File.ReadAllBytes(_scratch.In("again.safetensors")));
    }

    [Fact]
    public void AModelThatSaysNothingNeedsAConfiguration()
    {
        string model = _scratch.In("pytorch.safetensors");
        using (FileStream file = File.Create(model))
        {
            Safetensors.Write(file, new SavedModel(RandomNetwork.Parameters(new Random(7)), new Dictionary<string, string>()));
        }

        CommandRun refused = CommandRun.Of("export", model, "-f", "onnx", "-o", _scratch.In("p.onnx"));
        CommandRun taken = CommandRun.Of("export", model, "-f", "onnx", "-o", _scratch.In("p.onnx"), "--config", "1989-base");
        CommandRun again = CommandRun.Of("export", model, "-f", "onnx", "-o", _scratch.In("p.onnx"), "--config", "1989-base");

        Assert.Equal((2, 0, 2), (refused.Code, taken.Code, again.Code));
        Assert.Contains("does not say which network", refused.Error, StringComparison.Ordinal);
        Assert.Contains("is there already", again.Error, StringComparison.Ordinal);
        Assert.Equal(2, CommandRun.Of("export", model, "-f", "tarot").Code);
        Assert.Equal(2, CommandRun.Of("export", model, "-f", "csv", "-o", _scratch.In(), "--force").Code);
        Assert.Equal(2, CommandRun.Of("export", _scratch.In("nothing"), "-f", "csv").Code);
    }

    public void Dispose() => _scratch.Dispose();

    private static float[] Run(InferenceSession session, float[] images, int batch)
    {
        DenseTensor<float> tensor = new(images, [batch, 1, 16, 16]);
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results =
            session.Run([NamedOnnxValue.CreateFromTensor("image", tensor)]);
        Tensor<float> outputs = results[0].AsTensor<float>();
        Assert.Equal([batch, 10], outputs.Dimensions.ToArray());
        return [.. outputs];
    }

    private static H2Connections OwnConnections() =>
        new([.. Enumerable.Range(0, 12)
            .Select(map => (IReadOnlyList<int>)[.. Enumerable.Range(0, 8).Select(source => ((5 * source) + map) % 12)])]);

    private string Save(NetworkOptions network, float[] parameters)
    {
        Dictionary<string, string> metadata = new()
        {
            ["experiment"] = "of a test",
            ["hidden"] = ConfigurationNames.Hidden[network.Hidden],
            ["output"] = ConfigurationNames.Output[network.Output],
            ["loss"] = ConfigurationNames.Loss[network.Loss],
        };
        if (!network.Connections.Equals(H2Connections.Article))
        {
            metadata["connections"] = network.Connections.ToString();
        }

        string path = _scratch.In("model.safetensors");
        using FileStream file = File.Create(path);
        Safetensors.Write(file, new SavedModel(parameters, metadata));
        return path;
    }
}
