using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Trainer.Commands;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Commands;

public sealed class TrainCommandTests : IDisposable
{
    private const string TrainLine = @"^eval: split train\. loss \d\.\d{6}e[+-]\d\d\. error \d+\.\d\d%\. misses: \d+$";
    private const string TestLine = @"^eval: split test \. loss \d\.\d{6}e[+-]\d\d\. error \d+\.\d\d%\. misses: \d+$";

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void After_each_pass_come_the_articles_two_lines()
    {
        CommandRun run = CommandRun.Of("--config", _scratch.Config);

        Assert.Equal((0, ""), (run.Code, run.Error));
        string[] evaluations = [.. run.OutputLines.Where(line => line.StartsWith("eval:", StringComparison.Ordinal))];
        Assert.Equal(4, evaluations.Length);
        Assert.Matches(TrainLine, evaluations[0]);
        Assert.Matches(TestLine, evaluations[1]);
        Assert.Contains(
            "9,760 parameters, 64,660 connections, 63,660 multiply-accumulates, 1,000 activations",
            run.Output, StringComparison.Ordinal);
        Assert.Contains("data: builtin, 200 training and 50 test digits", run.Output, StringComparison.Ordinal);
        Assert.Contains("accelerator: host", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Quiet_prints_the_last_two_lines_only()
    {
        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--quiet");

        Assert.Equal("", run.Error);
        Assert.Equal(2, run.OutputLines.Length);
        Assert.Matches(TrainLine, run.OutputLines[0]);
        Assert.Matches(TestLine, run.OutputLines[1]);
    }

    [Fact]
    public void Json_is_the_only_thing_on_standard_output_and_has_the_contracts_keys()
    {
        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--json");

        JsonObject result = JsonNode.Parse(run.Output)!.AsObject();
        Assert.Equal(
            ["experiment", "accelerator", "device", "dataset", "batch", "seed", "passes", "steps", "seconds", "train",
                "test", "history", "parametersSha256"],
            result.Select(entry => entry.Key));
        Assert.Equal(["data", "compile", "train", "evaluate", "total", "startup"], Keys(result["seconds"]!));
        Assert.True((double)result["seconds"]!["startup"]! >= (double)result["seconds"]!["data"]!);
        Assert.Equal(["examples", "loss", "errorPercent", "misses"], Keys(result["train"]!));
        Assert.Equal(["pass", "train", "test", "seconds"], Keys(result["history"]![1]!));
        Assert.Equal(2, (int)result["history"]![1]!["pass"]!);
        Assert.Equal("small", (string)result["experiment"]!);
        Assert.Equal("builtin", (string)result["dataset"]!);
        Assert.Equal(1, (int)result["batch"]!);
        Assert.Equal(2, (int)result["passes"]!);
        Assert.Equal(400, (int)result["steps"]!);
        Assert.Equal(200, (int)result["train"]!["examples"]!);
        Assert.True((double)result["seconds"]!["total"]! >= (double)result["seconds"]!["train"]!);
        Assert.Contains("eval: split test .", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_configuration_gives_the_same_parameters_and_another_seed_gives_others()
    {
        string Fingerprint(params string[] more) =>
            (string)JsonNode.Parse(CommandRun.Of(["--config", _scratch.Config, "--json", .. more]).Output)!["parametersSha256"]!;

        string first = Fingerprint();
        Assert.Equal(first, Fingerprint());
        Assert.NotEqual(first, Fingerprint("--seed", "1338"));
    }

    [Fact]
    public void Out_saves_configuration_history_result_and_model()
    {
        string folder = _scratch.In("runs", "one");

        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--out", folder, "--seed", "7", "--json");

        Assert.Equal(
            ["config.json", "environment.json", "history.csv", "model.safetensors", "order.json", "report.html", "result.json"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        JsonNode printed = JsonNode.Parse(run.Output)!;
        Assert.Equal(folder, (string)printed["folder"]!);
        printed.AsObject().Remove("folder");
        Assert.Equal(
            printed.ToJsonString(), JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "result.json")))!.ToJsonString());
        ExperimentConfiguration saved = ConfigurationFile.Load(Path.Combine(folder, "config.json"));
        Assert.Equal((7u, DataSets.Builtin), (saved.Seed, saved.Dataset));
        string[] history = File.ReadAllLines(Path.Combine(folder, "history.csv"));
        Assert.Equal(3, history.Length);
        Assert.Equal(history[0].Split(',').Length, history[2].Split(',').Length);
        Assert.StartsWith("2,,", history[2], StringComparison.Ordinal);

        SavedModel model = Safetensors.Read(Path.Combine(folder, "model.safetensors"));
        Assert.Equal(
            (string)JsonNode.Parse(run.Output)!["parametersSha256"]!,
            Convert.ToHexStringLower(SHA256.HashData(ParameterBytes.Of(model.Parameters))));
        Assert.Equal("7", model.Metadata["seed"]);
        Assert.Equal("tanh", model.Metadata["hidden"]);
        Assert.Equal("2", model.Metadata["passes"]);
    }

    [Fact]
    public void The_saved_configuration_runs_again_to_the_same_parameters()
    {
        CommandRun first = CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("a"), "--passes", "1", "--json");

        CommandRun again = CommandRun.Of("--config", _scratch.In("a", "config.json"), "--json");

        Assert.Equal(
            (string)JsonNode.Parse(first.Output)!["parametersSha256"]!,
            (string)JsonNode.Parse(again.Output)!["parametersSha256"]!);
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_refused_before_anything_is_trained()
    {
        CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("a"));
        byte[] model = File.ReadAllBytes(_scratch.In("a", "model.safetensors"));

        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("a"), "--seed", "2");

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("already holds a run", run.Error, StringComparison.Ordinal);
        Assert.Equal(model, File.ReadAllBytes(_scratch.In("a", "model.safetensors")));
    }

    [Fact]
    public void Runs_count_seeds_upwards_and_are_summarised()
    {
        CommandRun run = CommandRun.Of(
            "--config", _scratch.Config, "--runs", "3", "--seed", "5", "--json", "--out", _scratch.In("runs"));

        JsonNode result = JsonNode.Parse(run.Output)!;
        JsonArray runs = result["runs"]!.AsArray();
        Assert.Equal([5, 6, 7], runs.Select(entry => (int)entry!["seed"]!));
        Assert.Equal(["testMisses", "trainMisses", "testLoss"], Keys(result["summary"]!));
        Assert.Equal(["mean", "sd", "min", "max"], Keys(result["summary"]!["testMisses"]!));
        Assert.Equal(
            runs.Average(entry => (int)entry!["test"]!["misses"]!), (double)result["summary"]!["testMisses"]!["mean"]!, 9);
        Assert.True(File.Exists(_scratch.In("runs", "seed-6", "model.safetensors")));
        Assert.True(File.Exists(_scratch.In("runs", "result.json")));

        JsonNode alone = JsonNode.Parse(CommandRun.Of("--config", _scratch.Config, "--seed", "6", "--json").Output)!;
        Assert.Equal((string)alone["parametersSha256"]!, (string)runs[1]!["parametersSha256"]!);
    }

    [Fact]
    public void Runs_are_printed_in_the_order_of_their_seeds()
    {
        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--runs", "4");

        Assert.Equal(
            [1337, 1338, 1339, 1340],
            run.OutputLines.Where(line => line.StartsWith("run ", StringComparison.Ordinal))
                .Select(line => int.Parse(line.Split("seed ")[1].TrimEnd(':'), provider: null)));
        Assert.Equal(3, CommandRun.Of("--config", _scratch.Config, "--runs", "2", "-q").OutputLines.Length);
    }

    [Fact]
    public void Steps_replace_the_configurations_passes()
    {
        JsonNode result = JsonNode.Parse(CommandRun.Of("--config", _scratch.Config, "--steps", "250", "--json").Output)!;

        Assert.Equal((1, 250), ((int)result["passes"]!, (int)result["steps"]!));
        Assert.Equal(["step", "train", "test", "seconds"], Keys(result["history"]![0]!));
        Assert.Equal([200, 250], result["history"]!.AsArray().Select(entry => (int)entry!["step"]!));
    }

    [Fact]
    public void An_interruption_ends_after_the_pass_saves_and_exits_with_130()
    {
        using ScratchExperiment endless = new(passes: 1_000_000);
        using CancellationTokenSource interruption = new();
        using StringWriter output = new();
        using CancellingWriter error = new("eval: split test", interruption);

        int code = TrainerCommandLine.Run(
            ["--config", endless.Config, "--out", endless.In("out"), "--json"], output, error, interruption.Token);

        Assert.Equal(130, code);
        JsonNode result = JsonNode.Parse(output.ToString())!;
        Assert.True((bool)result["interrupted"]!);
        Assert.Equal((1, 200), ((int)result["passes"]!, (int)result["steps"]!));
        Assert.Single(result["history"]!.AsArray());
        Assert.True(File.Exists(endless.In("out", "model.safetensors")));
    }

    [Theory]
    [InlineData("config.json", 3)]
    [InlineData("seed-1337/result.json", 4, "--runs", "400")]
    public async Task An_interrupted_training_says_so_even_when_it_is_quiet(string sign, int lines, params string[] arguments)
    {
        using ScratchExperiment endless = new(passes: arguments.Length == 0 ? 1_000_000 : 2);
        using CancellationTokenSource interruption = new();
        string run = endless.In("out");
        Task<CommandRun> training = Task.Run(() => CommandRun.Of(
            interruption.Token, ["--config", endless.Config, "--out", run, "--quiet", "--no-report", .. arguments]), TestContext.Current.CancellationToken);
        while (!training.IsCompleted && !File.Exists(Path.Combine(run, sign)))
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await interruption.CancelAsync();
        CommandRun interrupted = await training;

        Assert.Equal(130, interrupted.Code);
        Assert.Equal(lines, interrupted.OutputLines.Length);
        Assert.StartsWith("interrupted after ", interrupted.OutputLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_interruption_before_training_trains_nothing()
    {
        CommandRun run = CommandRun.Of(new CancellationToken(canceled: true), "--config", _scratch.Config);

        Assert.Equal(130, run.Code);
        Assert.DoesNotContain("eval:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_that_diverges_says_so_and_exits_with_1()
    {
        string config = _scratch.Write("wild.json", new JsonObject
        {
            ["experiment"] = "wild",
            ["dataset"] = "builtin",
            ["train"] = 200,
            ["test"] = 50,
            ["hidden"] = "relu",
            ["output"] = "linear",
            ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 100 },
            ["passes"] = 2,
        });

        CommandRun run = CommandRun.Of("--config", config);

        Assert.Equal(1, run.Code);
        Assert.StartsWith("error: The training diverged", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("takes a whole number from 1", "--passes", "0")]
    [InlineData("takes a whole number from 1", "--passes", "-3")]
    [InlineData("takes a whole number from 1", "--passes", "many")]
    [InlineData("takes a whole number from 1", "--steps", "0")]
    [InlineData("takes a whole number from 0 to 4294967295", "--seed", "4294967296")]
    [InlineData("takes a whole number from 0 to 4294967295", "--seed", "NaN")]
    [InlineData("takes a whole number from 1", "--runs", "0")]
    [InlineData("goes beyond the largest seed", "--seed", "4294967295", "--runs", "2")]
    [InlineData("Give one", "--passes", "1", "--steps", "1")]
    [InlineData("Give one", "--per-example", "--batch", "full")]
    [InlineData("takes full or a positive whole number", "--batch", "0")]
    [InlineData("no device 3", "--device", "3")]
    [InlineData("takes a whole number from 0 to 255 or 'all', not 'each'", "--device", "each")]
    [InlineData("mpirun -n GPUS trainer", "--device", "all")]
    [InlineData("--accelerator takes auto, cuda, opencl, cpu or host, not 'quantum'.", "--accelerator", "quantum")]
    [InlineData("cpu or host, not 'gpu'.", "--accelerator", "gpu")]
    [InlineData("not 'mnits'; did you mean 'mnist'?", "--dataset", "mnits")]
    [InlineData("did you mean '--passes'?", "--pases", "3")]
    [InlineData("did you mean 'eval'?", "evl")]
    [InlineData("neither a file nor one of those", "--config", "nowhere.json")]
    [InlineData("cannot be written", "--out", "/dev/null/x")]
    [InlineData("--out is empty", "--out", "")]
    public void A_bad_argument_is_one_clear_line_and_exit_code_2(string word, params string[] arguments)
    {
        string[] config = arguments.Contains("--config") ? [] : ["--config", _scratch.Config];

        CommandRun run = CommandRun.Of([.. config, .. arguments]);

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(word, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("host")]
    public void The_cpu_trains_per_example_by_either_name(string accelerator)
    {
        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--accelerator", accelerator, "--per-example", "--json");

        Assert.Equal(0, run.Code);
        Assert.Equal(accelerator, (string)JsonNode.Parse(run.Output)!["accelerator"]!);
    }

    public void Dispose() => _scratch.Dispose();

    private static IEnumerable<string> Keys(JsonNode node) => node.AsObject().Select(entry => entry.Key);
}
