using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Commands;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Commands;

public sealed class FromTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Theory]
    [InlineData("--per-example")]
    [InlineData("--batch=full", "--accelerator=host")]
    [InlineData("--batch=full", "--accelerator=cpu")]
    public void Before_training_a_saved_model_does_as_well_as_when_it_was_saved(params string[] engine)
    {
        JsonNode saved = Train("--out", _scratch.In("a"), "--config", _scratch.Config);

        JsonNode resumed = Train(["--config", _scratch.Config, "--from", _scratch.In("a"), "--passes", "1", .. engine]);

        // Per example, evaluation is what it was bit for bit; in batches it sums in another order.
        double tolerance = engine[0] == "--per-example" ? 0 : 1e-6;
        foreach (string split in new[] { "train", "test" })
        {
            Assert.Equal((int)saved[split]!["misses"]!, (int)resumed["before"]![split]!["misses"]!);
            Assert.Equal((double)saved[split]!["loss"]!, (double)resumed["before"]![split]!["loss"]!, tolerance);
            Assert.Equal(
                resumed["before"]![split]!.ToJsonString(), resumed["history"]![0]![split]!.ToJsonString());
        }

        Assert.Equal([0, 1], resumed["history"]!.AsArray().Select(entry => (int)entry!["pass"]!));
        Assert.Equal(_scratch.In("a"), (string)resumed["from"]!);
        Assert.Null(resumed["pretraining"]);
        Assert.NotEqual((string)saved["parametersSha256"]!, (string)resumed["parametersSha256"]!);
    }

    [Fact]
    public void One_pass_from_a_saved_pass_is_the_second_pass()
    {
        JsonNode whole = Train("--config", _scratch.Config, "--passes", "2");
        Train("--config", _scratch.Config, "--passes", "1", "--out", _scratch.In("first"));

        string model = _scratch.In("first", RunFolder.ModelName);
        JsonNode second = Train("--config", _scratch.Config, "--passes", "1", "--from", model, "--seed", "99");

        Assert.Equal((string)whole["parametersSha256"]!, (string)second["parametersSha256"]!);
    }

    [Fact]
    public void Another_experiment_is_trained_first_and_both_stages_are_told_and_saved()
    {
        string config = Derived("second.json", "small.json");
        JsonNode first = Train("--config", _scratch.Config, "--seed", "5");

        CommandRun run = CommandRun.Of("--config", config, "--seed", "5", "--json", "--out", _scratch.In("out"));

        Assert.Equal(0, run.Code);
        JsonNode result = JsonNode.Parse(run.Output)!;
        Assert.Equal((string)first["parametersSha256"]!, (string)result["pretraining"]!["parametersSha256"]!);
        Assert.Equal(_scratch.Config, (string)result["from"]!);
        Assert.Equal(5, (int)result["pretraining"]!["seed"]!);
        int stageTwo = run.Error.IndexOf("stage 2 of 2: second", StringComparison.Ordinal);
        Assert.InRange(run.Error.IndexOf("stage 1 of 2: small", StringComparison.Ordinal), 0, stageTwo);
        Assert.InRange(run.Error.IndexOf("before training", StringComparison.Ordinal), stageTwo, int.MaxValue);

        Assert.Equal(
            (string)first["parametersSha256"]!,
            ParameterBytes.Sha256(Safetensors.Read(_scratch.In("out", "from", RunFolder.ModelName)).Parameters));
        Assert.StartsWith("0,", File.ReadAllLines(_scratch.In("out", "history.csv"))[1], StringComparison.Ordinal);

        // What is saved runs again, from any folder, to the same parameters.
        JsonNode again = Train("--config", _scratch.In("out", "config.json"));
        Assert.Equal((string)result["parametersSha256"]!, (string)again["parametersSha256"]!);
    }

    [Fact]
    public void Each_of_several_runs_pretrains_with_its_own_seed()
    {
        string config = Derived("second.json", "small.json");

        JsonNode joint = Train("--config", config, "--runs", "2", "--seed", "5", "--out", _scratch.In("out"));

        JsonNode alone = Train("--config", config, "--seed", "6");
        JsonNode run = joint["runs"]![1]!;
        Assert.Equal((string)alone["parametersSha256"]!, (string)run["parametersSha256"]!);
        Assert.Equal(6, (int)run["pretraining"]!["seed"]!);
        Assert.True(File.Exists(_scratch.In("out", "seed-6", "from", RunFolder.ModelName)));
        Assert.Equal(
            joint["runs"]!.AsArray().Average(one => (int)one!["before"]!["test"]!["misses"]!),
            (double)joint["summary"]!["beforeTestMisses"]!["mean"]!, 9);
    }

    [Fact]
    public void Runs_that_cannot_differ_are_called_so()
    {
        Train("--config", _scratch.Config, "--out", _scratch.In("a"), "--passes", "1");
        string[] runs = ["--config", _scratch.Config, "--from", _scratch.In("a"), "--runs", "2", "--passes", "1"];

        Assert.Contains("all will be the same", CommandRun.Of(runs).Output, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "all will be the same", CommandRun.Of([.. runs[..2], .. runs[4..]]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Drawn_weights_leave_no_trace_of_a_start()
    {
        JsonNode result = Train("--config", _scratch.Config, "--passes", "1");

        Assert.All(new[] { "from", "before", "pretraining" }, key => Assert.Null(result[key]));
        Assert.Equal(1, (int)result["history"]![0]!["pass"]!);
    }

    [Theory]
    [InlineData("relu", "tanh", "mse", "hidden relu")]
    [InlineData("tanh", "linear", "mse", "output linear")]
    [InlineData("tanh", "linear", "crossEntropy", "output linear")]
    public void A_network_of_other_activations_is_refused(string hidden, string output, string loss, string word)
    {
        Train("--config", _scratch.Config, "--out", _scratch.In("a"), "--passes", "1");
        string config = Derived("other.json", "small.json", hidden, output, loss);

        foreach (string[] from in new string[][] { [], ["--from", _scratch.In("a")] })
        {
            CommandRun run = CommandRun.Of(["--config", config, .. from]);
            Assert.Equal((2, ""), (run.Code, run.Output));
            Assert.Contains(word, run.Error, StringComparison.Ordinal);
            Assert.Contains("cannot start from", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Another_loss_over_the_same_network_is_fine_tuning()
    {
        string first = Derived("first.json", null, "tanh", "linear", "mse");
        string second = Derived("second.json", first, "tanh", "linear", "crossEntropy");

        JsonNode result = Train("--config", second);

        Assert.Equal((string)Train("--config", first)["parametersSha256"]!, (string)result["pretraining"]!["parametersSha256"]!);
    }

    [Fact]
    public void A_model_that_says_nothing_of_itself_is_taken_for_the_configurations()
    {
        string model = _scratch.In("bare.safetensors");
        using (FileStream stream = File.Create(model))
        {
            float[] parameters = InitialParameters.Draw(NetworkOptions.Base1989, 1337);
            Safetensors.Write(stream, new SavedModel(parameters, new Dictionary<string, string>()));
        }

        // The weights that a run would have drawn are as good as drawn.
        Assert.Equal(
            (string)Train("--config", _scratch.Config)["parametersSha256"]!,
            (string)Train("--config", _scratch.Config, "--from", model)["parametersSha256"]!);
    }

    [Fact]
    public void A_circle_is_refused()
    {
        string a = Derived("a.json", "b.json");
        string b = Derived("b.json", "a.json");
        string self = Derived("self.json", "self.json");

        CommandRun circle = CommandRun.Of("--config", a);
        CommandRun alone = CommandRun.Of("--config", self);

        Assert.Equal((2, 2), (circle.Code, alone.Code));
        Assert.Contains($"{a} -> {b}", circle.Error, StringComparison.Ordinal);
        Assert.Contains($"{self} -> {self}", alone.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_that_is_not_there_or_is_no_model_is_refused_before_anything_is_written()
    {
        string corrupt = _scratch.In("corrupt.safetensors");
        File.WriteAllText(corrupt, "not a model");
        Directory.CreateDirectory(_scratch.In("empty"));
        foreach ((string word, string from) in new[]
        {
            ("where there is nothing", _scratch.In("nowhere")),
            ("did you mean '1989-base'?", "1989-bass"),
            ("no model", _scratch.In("nowhere.safetensors")),
            ("not a model", corrupt),
            ("without a model.safetensors", _scratch.In("empty")),
            ("names nothing", ""),
        })
        {
            CommandRun run = CommandRun.Of("--config", _scratch.Config, "--from", from, "--out", _scratch.In("out"));
            Assert.Equal((2, ""), (run.Code, run.Output));
            Assert.Contains(word, run.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_scratch.In("out")));
        }
    }

    [Fact]
    public void A_path_is_relative_to_the_file_that_names_it_and_a_name_stays_a_name()
    {
        Assert.Equal(_scratch.Config, ConfigurationFile.Load(Derived("x.json", "small.json")).From);
        Assert.Equal("1989-base", ConfigurationFile.Load(Derived("y.json", "1989-base")).From);
    }

    [Fact]
    public void An_interruption_while_pretraining_ends_there_and_keeps_what_was_trained()
    {
        using ScratchExperiment endless = new(passes: 1_000_000);
        string config = Derived("second.json", endless.Config);
        using CancellationTokenSource interruption = new();
        using StringWriter output = new();
        using CancellingWriter error = new("eval: split test", interruption);

        int code = TrainerCommandLine.Run(
            ["--config", config, "--out", _scratch.In("out"), "--json"], output, error, interruption.Token);

        Assert.Equal((130, ""), (code, output.ToString()));
        Assert.True(File.Exists(_scratch.In("out", "from", RunFolder.ModelName)));
        Assert.False(File.Exists(_scratch.In("out", RunFolder.ModelName)));
    }

    public void Dispose() => _scratch.Dispose();

    private static JsonNode Train(params string[] arguments)
    {
        CommandRun run = CommandRun.Of([.. arguments, "--json"]);
        Assert.True(run.Code == 0, run.Error);
        return JsonNode.Parse(run.Output)!;
    }

    private string Derived(
        string name, string? from, string hidden = "tanh", string output = "tanh", string loss = "mse")
    {
        JsonObject json = new()
        {
            ["experiment"] = Path.GetFileNameWithoutExtension(name),
            ["dataset"] = "builtin",
            ["dataSeed"] = 3,
            ["train"] = 100,
            ["test"] = 50,
            ["hidden"] = hidden,
            ["output"] = output,
            ["loss"] = loss,
            ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.01 },
            ["passes"] = 1,
        };
        if (from is not null)
        {
            json["from"] = from;
        }

        return _scratch.Write(name, json);
    }
}
