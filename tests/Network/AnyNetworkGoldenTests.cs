using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Network;

/// <summary>Networks that are not that of 1989 against PyTorch's numbers: see golden/networks.py.</summary>
public sealed class AnyNetworkGoldenTests
{
    private static readonly JsonElement s_golden = Golden.ReadJson("networks.json");

    private static readonly Examples s_examples = Golden.Examples();

    /// <summary>Each: its name in the golden file, and what a configuration says of it.</summary>
    public static TheoryData<string, string> Networks { get; } = new()
    {
        {
            "vit",
            """ "loss": "crossEntropy", "output": "linear", "network": { "family": "vit", "depth": 2 } """
        },
        { "width2", """ "network": { "family": "1989", "width": 2 } """ },
        {
            "listed",
            """
            "loss": "crossEntropy", "initialWeights": "pytorch", "network": { "layers": [
              { "kind": "convolution", "maps": 6, "kernel": 5, "stride": 2, "padding": 2 },
              { "kind": "activation", "function": "relu" },
              { "kind": "convolution", "maps": 8, "kernel": 3 },
              { "kind": "activation", "function": "gelu" },
              { "kind": "dense", "units": 20 },
              { "kind": "activation", "function": "tanh" },
              { "kind": "dense", "units": 10 } ] }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Initial_parameters_are_PyTorchs_to_the_bits(string name, string network)
    {
        ExperimentConfiguration configuration = Configuration(network);

        Assert.Equal(s_golden.GetProperty(name).GetProperty("parameters").GetInt32(), configuration.ParameterCount);
        Assert.Equal(
            s_golden.GetProperty(name).GetProperty("initialSha256").GetString(),
            ParameterBytes.Sha256(configuration.DrawParameters()));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Outputs_agree(string name, string network)
    {
        ExperimentConfiguration configuration = Configuration(network);
        using IClassifier classifier = configuration.CreateClassifier(configuration.DrawParameters());
        float[] expected = [.. s_golden.GetProperty(name).GetProperty("outputs").EnumerateArray().Select(value => value.GetSingle())];

        float[] outputs = new float[Shape1989.Outputs];
        for (int example = 0; example < s_examples.Count; example++)
        {
            classifier.Outputs(s_examples.Image(example), outputs);
            for (int output = 0; output < Shape1989.Outputs; output++)
            {
                Assert.Equal(expected[example * Shape1989.Outputs + output], outputs[output], 2e-6f);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_and_losses_agree(string name, string network)
    {
        ExperimentConfiguration configuration = Configuration(network);
        using INetwork classifier = configuration.CreateClassifier(configuration.DrawParameters());
        float[] gradient = new float[configuration.ParameterCount];

        double loss = classifier.Gradient(s_examples, 0, s_examples.Count, gradient);

        double expected = s_golden.GetProperty(name).GetProperty("loss").GetDouble();
        Assert.Equal(expected, loss, 2e-6 * Math.Max(1, expected));
        AssertParts(configuration, s_golden.GetProperty(name).GetProperty("gradient"), gradient, absolute: 2e-6);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Twenty_steps_of_AdamW_agree(string name, string network)
    {
        ExperimentConfiguration configuration = Configuration(network);
        using ITrainer trainer = configuration.CreateHostTrainer(Optimizer.Of<AdamW>(), s_examples, s_examples);
        trainer.Load(configuration.DrawParameters());
        OptimizerOptions options = new(Optimizer.Of<AdamW>(), 3e-4) { WeightDecay = 0.01 };
        for (int step = 0; step < 20; step++)
        {
            trainer.Take([new BatchStep(0, s_examples.Count, options.Constants(3e-4f, step), Perturbation.None)]);
        }

        float[] parameters = new float[configuration.ParameterCount];
        trainer.Store(parameters);
        AssertParts(configuration, s_golden.GetProperty(name).GetProperty("afterTwentySteps"), parameters, absolute: 1e-5);
    }

    private static ExperimentConfiguration Configuration(string network) => ConfigurationFile.Parse(
        Encoding.UTF8.GetBytes(
            $$"""{ "experiment": "x", "optimizer": { "kind": "adamw", "learningRate": 3e-4 }, "passes": 1, {{network}} }"""),
        "x.json");

    /// <summary>Every part has the golden file's norm to 1e-4, and its samples.</summary>
    private static void AssertParts(
        ExperimentConfiguration configuration, JsonElement expected, ReadOnlySpan<float> vector, double absolute)
    {
        Assert.Equal(expected.EnumerateObject().Select(part => part.Name), configuration.Parts.Select(part => part.Name));
        foreach (ParameterPart part in configuration.Parts)
        {
            ReadOnlySpan<float> values = part.Of(vector);
            JsonElement golden = expected.GetProperty(part.Name);
            double squares = 0;
            foreach (float value in values)
            {
                squares += (double)value * value;
            }

            // Attention's shares do not depend on the keys' biases: their gradient is rounding, of which AdamW makes whole steps.
            bool hasKeys = part.Name.EndsWith("in_proj_bias", StringComparison.Ordinal);
            double norm = golden.GetProperty("norm").GetDouble();
            Assert.True(hasKeys || Math.Abs(norm - Math.Sqrt(squares)) <= 1e-4 * norm, $"{part.Name}: norm");
            foreach (JsonProperty sample in golden.GetProperty("samples").EnumerateObject())
            {
                int place = int.Parse(sample.Name, CultureInfo.InvariantCulture);
                if (hasKeys && 3 * place / values.Length == 1)
                {
                    continue;
                }

                float found = values[place];
                Assert.True(
                    Math.Abs(sample.Value.GetSingle() - found) <= absolute,
                    $"{part.Name}[{sample.Name}]: expected {sample.Value.GetSingle()}, found {found}");
            }
        }
    }
}
