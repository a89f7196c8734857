using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Commands;

/// <summary>Every command on networks that are not that of 1989.</summary>
public sealed class AnyNetworkTests : IDisposable
{
    private const string Wide = """{ "family": "1989", "width": 2 }""";

    private const string Listed = """
        { "layers": [ { "kind": "convolution", "maps": 4, "kernel": 5, "stride": 2, "padding": 2, "paddingValue": -1 },
          { "kind": "activation", "function": "gelu" }, { "kind": "dropout", "probability": 0.1 }, { "kind": "dense", "units": 10 } ] }
        """;

    private readonly ScratchExperiment _scratch = new();

    [Theory]
    [InlineData(Wide)]
    [InlineData(Listed)]
    public void It_trains_and_is_saved_and_evaluated_to_the_bits(string network)
    {
        string run = _scratch.In("run");
        JsonNode trained = JsonNode.Parse(Done("--config", Config(network), "-a", "host", "--out", run, "--json").Output)!;

        JsonNode evaluated = JsonNode.Parse(Done("eval", run, "--json").Output)!;

        Assert.Equal((string)trained["parametersSha256"]!, (string)evaluated["parametersSha256"]!);
        Assert.Equal(trained["train"]!.ToJsonString(), evaluated["train"]!.ToJsonString());
        Assert.Equal(trained["test"]!.ToJsonString(), evaluated["test"]!.ToJsonString());
        Assert.True(File.Exists(_scratch.In("run", "report.html")));
        Assert.NotEmpty(Directory.EnumerateFiles(_scratch.In("run", "events"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void What_trains_is_said_with_the_reason_and_the_size()
    {
        CommandRun run = Done("--config", Config(Wide), "-a", "auto");

        Assert.Contains("network: 35,830 parameters, 215,640 multiply-accumulates, 8 layers", run.Output, StringComparison.Ordinal);
        Assert.Contains("accelerator: host", run.Output, StringComparison.Ordinal);
        Assert.Contains("layer by layer on lanes of examples", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listed_network_is_said_layer_by_layer()
    {
        CommandRun run = Done("--config", Config(Listed), "-a", "host");

        Assert.Contains(
            "4 layers (convolution 5x5 to (4, 8, 8), gelu, dropout of 0.1, dense to (10); mse)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_model_says_which_network_it_is()
    {
        string run = _scratch.In("run");
        Done("--config", Config(Listed), "-a", "host", "--out", run);
        byte[] model = File.ReadAllBytes(_scratch.In("run", "model.safetensors"));

        BadInputException refusal = Assert.Throws<BadInputException>(() => Safetensors.Read(_scratch.In("run", "model.safetensors")));
        Assert.Contains("'0.weight'", refusal.Message, StringComparison.Ordinal);

        // Its own copy under another name, without the configuration beside it.
        File.WriteAllBytes(_scratch.In("alone.safetensors"), model);
        Done("eval", _scratch.In("alone.safetensors"));
        Done("errors", _scratch.In("alone.safetensors"), "--out", _scratch.In("errors.png"));
        string csv = _scratch.In("weights.csv");
        Done("export", _scratch.In("alone.safetensors"), "--format", "csv", "--out", csv);
        Assert.Contains("3.weight,0,", File.ReadAllText(csv), StringComparison.Ordinal);
        Done("export", _scratch.In("alone.safetensors"), "--format", "safetensors", "--out", _scratch.In("again.safetensors"));
        Assert.Equal(model, File.ReadAllBytes(_scratch.In("again.safetensors")));
    }

    [Fact]
    public void A_model_of_another_network_is_refused_with_both_shapes()
    {
        string run = _scratch.In("run");
        Done("--config", _scratch.Config, "--out", run);
        JsonNode config = JsonNode.Parse(File.ReadAllText(Config(Wide)))!;
        config["from"] = run;

        CommandRun started = CommandRun.Of("--config", _scratch.Write("from.json", config));

        Assert.Equal(2, started.Code);
        Assert.Contains("'H1w' should have shape [24, 1, 5, 5], found [12,1,5,5]", started.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_goes_on_from_a_model_of_the_same_network_alone()
    {
        string run = _scratch.In("run");
        Done("--config", Config(Listed), "-a", "host", "--out", run);
        JsonNode same = JsonNode.Parse(File.ReadAllText(Config(Listed)))!;
        same["from"] = run;
        Done("--config", _scratch.Write("same.json", same), "-a", "host");

        JsonNode other = JsonNode.Parse(File.ReadAllText(Config(Wide)))!;
        other["from"] = run;
        CommandRun refused = CommandRun.Of("--config", _scratch.Write("other.json", other));

        Assert.Equal(2, refused.Code);
        Assert.Contains("cannot start from", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_gradient_is_checked()
    {
        CommandRun run = Done("gradcheck", "--config", Config(Listed), "--most-per-part", "16");

        Assert.Contains("0.weight", run.Output, StringComparison.Ordinal);
        Assert.Contains("gradient check passed", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void It_reads_a_picture()
    {
        string run = _scratch.In("run");
        Done("--config", Config(Wide), "-a", "host", "--out", run);
        Done("errors", run, "--out", _scratch.In("digits.png"));

        CommandRun read = Done("predict", Path.Combine(AppContext.BaseDirectory, "pictures", "5_box.png"), "--model", run);

        Assert.Contains("model: ", read.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_seeds_and_sweeps_of_it_train()
    {
        Done("--config", Config(Listed), "-a", "host", "--runs", "2", "--out", _scratch.In("runs"));
        Done("eval", _scratch.In("runs", "seed-1337"));
        CommandRun sweep = Done(
            "sweep", "--config", Config(Wide), "-a", "host", "--set", "network.width=0.25,0.5", "--validation", "50",
            "--out", _scratch.In("sweep"));

        Assert.Contains("0.25", sweep.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-a", "cpu", "--kernels", "fused")]
    [InlineData("-a", "host", "--kernels", "layers")]
    [InlineData("-a", "host", "--device", "1")]
    public void What_cannot_train_it_says_so(params string[] arguments)
    {
        CommandRun run = CommandRun.Of(["--config", Config(Wide), .. arguments]);

        Assert.Equal(2, run.Code);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_devices_training_of_it_is_the_hosts()
    {
        JsonNode host = JsonNode.Parse(Done("--config", Config(Listed), "-a", "host", "--json").Output)!;

        CommandRun run = Done("--config", Config(Listed), "-a", "cpu", "--json");

        Assert.Contains("by kernels compiled for its layers", run.Error, StringComparison.Ordinal);
        JsonNode device = JsonNode.Parse(run.Output)!;
        Assert.Equal((double)host["test"]!["loss"]!, (double)device["test"]!["loss"]!, 1e-5);
        Assert.Equal((double)host["train"]!["loss"]!, (double)device["train"]!["loss"]!, 1e-5);
    }

    [Fact]
    public void Replicas_are_refused()
    {
        CommandRun run = CommandRun.Of("--config", Config(Wide), "--per-example", "--replicas", "2");

        Assert.Equal(2, run.Code);
        Assert.Contains("not that of 1989", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_network_of_1989_is_drawn_as_ever()
    {
        ExperimentConfiguration plain = ConfigurationFile.Load(_scratch.Config);
        ExperimentConfiguration said = ConfigurationFile.Load(Config("""{ "family": "1989", "width": 1 }"""));

        Assert.Equal(plain.DrawParameters(), said.DrawParameters());
        Assert.Equal(
            plain.DrawParameters(),
            Model.Network.InitialParameters.Draw(
                said.Layers.Parts, said.Layers.ParameterCount, said.InitialWeights, said.Layers.OutputBias, said.Seed));
    }

    public void Dispose() => _scratch.Dispose();

    private static CommandRun Done(params string[] arguments)
    {
        CommandRun run = CommandRun.Of(arguments);
        Assert.True(run.Code == 0, run.Error + run.Output);
        return run;
    }

    private string Config(string network)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        json["experiment"] = "any";
        json["network"] = JsonNode.Parse(network);
        json["batch"] = "full";
        json["optimizer"] = new JsonObject { ["kind"] = "adamw", ["learningRate"] = 0.003 };
        json["evaluateEvery"] = 1;
        return _scratch.Write("any.json", json);
    }
}
