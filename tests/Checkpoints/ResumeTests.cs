using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Checkpoints;

/// <summary>A run that was interrupted and went on is the run that was not interrupted, to the last bit.</summary>
public sealed class ResumeTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>, IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    public static TheoryData<string, string> Trainings => new()
    {
        { "host", """{"batch": 1, "optimizer": {"kind": "sgd", "learningRate": 0.03}}""" },
        { "host", """{"batch": 1, "optimizer": {"kind": "sgd", "momentum": 0.9, "nesterov": true, "learningRate": 0.003}}""" },
        { "host", """{"batch": 1, "optimizer": {"kind": "adam", "learningRate": 0.001, "schedule": "cosine", "warmupSteps": 150}, "shift": 1, "dropout": 0.25}""" },
        { "host", """{"batch": 1, "randomNumbers": "article", "optimizer": {"kind": "adamw", "learningRate": 0.001, "schedule": "linear", "finalLearningRate": 0.0001, "scheduleSpan": "pass"}, "shift": 1, "dropout": 0.25}""" },
        { "host", """{"batch": 1, "hidden": "gelu", "optimizer": {"kind": "adamw", "learningRate": 0.001}, "rotate": 5, "scale": 0.1, "elastic": 0.2}""" },
        { "host", """{"batch": 64, "optimizer": {"kind": "adamw", "learningRate": 0.003}, "shift": 1, "elastic": 0.2, "undistorted": 0.5}""" },
        { "host", """{"batch": 1, "weightNormalization": true, "optimizer": {"kind": "adamw", "learningRate": 0.001}}""" },
        { "host", """{"batch": 64, "optimizer": {"kind": "adamw", "learningRate": 0.003}, "shift": 1, "dropout": 0.1}""" },
        { "host", """{"batch": "full", "passes": 5, "evaluateEvery": 1, "weightNormalization": true, "optimizer": {"kind": "sgd", "momentum": 0.9, "learningRate": 0.1}}""" },
        { "host", """{"batch": "full", "passes": 5, "evaluateEvery": 1, "network": {"family": "1989", "width": 0.5}, "optimizer": {"kind": "adamw", "learningRate": 0.003}}""" },
        { "host", """{"batch": 64, "network": {"layers": [{"kind": "convolution", "maps": 4, "kernel": 3, "stride": 2}, {"kind": "activation", "function": "relu"}, {"kind": "dropout", "probability": 0.25}, {"kind": "dense", "units": 10}]}, "initialWeights": "pytorch", "optimizer": {"kind": "sgd", "momentum": 0.9, "learningRate": 0.01}, "shift": 1}""" },
        { "host", """{"batch": 1, "output": "scaledTanh", "hidden": "scaledTanh", "loss": "halfSquaredError", "initialWeights": "lecun", "shuffle": "everyPass", "optimizer": {"kind": "newton", "learningRate": 0.0007, "curvatureEvery": 150, "curvatureExamples": 20}, "dropout": 0.1}""" },
        { "host", """{"batch": 50, "optimizer": {"kind": "newton", "learningRate": 0.01, "curvatureRate": 0.1, "damping": 0.02}}""" },
        { "host", """{"batch": "full", "passes": 5, "evaluateEvery": 1, "optimizer": {"kind": "muon", "learningRate": 0.1, "vectorLearningRate": 0.02, "weightDecay": 0.2}}""" },
        { "host", """{"batch": 1, "train": 100, "optimizer": {"kind": "muon", "learningRate": 0.003}, "shift": 1}""" },
        { "host", """{"batch": 1, "optimizer": {"kind": "scheduleFreeAdamw", "learningRate": 0.001, "warmupSteps": 150}}""" },
        { "host", """{"batch": 64, "network": {"family": "1989", "width": 0.5}, "optimizer": {"kind": "scheduleFreeAdamw", "learningRate": 0.003}}""" },
        { "host", """{"batch": 64, "optimizer": {"kind": "lion", "learningRate": 0.001, "weightDecay": 1}}""" },
        { "opencl", """{"batch": 50, "optimizer": {"kind": "muon", "learningRate": 0.1, "vectorLearningRate": 0.02}}""" },
        { "opencl", """{"batch": 50, "optimizer": {"kind": "scheduleFreeAdamw", "learningRate": 0.003}, "shift": 1}""" },
        { "opencl", """{"batch": 50, "optimizer": {"kind": "newton", "learningRate": 0.01, "curvatureRate": 0.1, "curvatureExamples": 30}, "shift": 1}""" },
        { "cpu", """{"batch": 50, "train": 100, "optimizer": {"kind": "adamw", "learningRate": 0.003}, "shift": 1, "dropout": 0.1}""" },
        { "opencl", """{"batch": 50, "network": {"family": "1989", "width": 0.5}, "optimizer": {"kind": "adamw", "learningRate": 0.003}, "dropout": 0.1}""" },
        { "opencl", """{"batch": 50, "optimizer": {"kind": "adamw", "learningRate": 0.003}, "shift": 1, "dropout": 0.1, "elastic": 0.1}""" },
        { "opencl", """{"batch": 64, "weightNormalization": true, "optimizer": {"kind": "adam", "learningRate": 0.003}}""" },
        { "opencl", """{"batch": 64, "optimizer": {"kind": "sgd", "momentum": 0.9, "learningRate": 0.01}}""" },
    };

    [Theory]
    [MemberData(nameof(Trainings))]
    public void Every_training_goes_on_to_the_very_bits(string accelerator, string changes)
    {
        if (accelerator == "opencl")
        {
            devices.Require(DeviceKind.OpenCL);
        }

        string config = Configuration(changes);
        JsonNode whole = Json(0, "--config", config, "-a", accelerator, "--out", _scratch.In("whole"), "--json");

        Interrupt("--config", config, "-a", accelerator, "--out", _scratch.In("parts"));
        Assert.True((bool)JsonNode.Parse(File.ReadAllText(_scratch.In("parts", "result.json")))!["interrupted"]!);
        JsonNode resumed = Json(0, "--resume", _scratch.In("parts"), "--json");

        AssertSame(whole, resumed);
        Assert.Equal(
            File.ReadAllBytes(_scratch.In("whole", "config.json")), File.ReadAllBytes(_scratch.In("parts", "config.json")));
    }

    [Fact]
    public void Of_several_runs_finished_seeds_are_kept_and_others_go_on()
    {
        string config = Configuration("""{"passes": 6, "shift": 1}""");
        JsonNode whole = Json(0, "--config", config, "--runs", "4", "--out", _scratch.In("whole"), "--json");

        // The first two seeds are in, the others not even begun, or half-way.
        Interrupt("--config", config, "--runs", "4", "--out", _scratch.In("parts"));
        string[] finished = [.. Directory.EnumerateFiles(_scratch.In("parts"), "result.json", SearchOption.AllDirectories)
            .Where(path => path.Contains("seed-", StringComparison.Ordinal)
                && JsonNode.Parse(File.ReadAllText(path))!["interrupted"] is null)];
        DateTime[] written = [.. finished.Select(File.GetLastWriteTimeUtc)];
        JsonNode resumed = Json(0, "--resume", _scratch.In("parts"), "--json");

        Assert.NotEmpty(finished);
        Assert.Equal(written, finished.Select(File.GetLastWriteTimeUtc));
        Assert.Equal(4, resumed["runs"]!.AsArray().Count);
        for (int run = 0; run < 4; run++)
        {
            AssertSame(whole["runs"]![run]!, resumed["runs"]![run]!);
        }

        Assert.Equal(whole["summary"]!.ToJsonString(), resumed["summary"]!.ToJsonString());
    }

    [Fact]
    public void A_training_in_stages_goes_on_in_either()
    {
        string first = Configuration("""{"passes": 6, "shift": 1}""");
        JsonNode changes = JsonNode.Parse(File.ReadAllText(first))!;
        changes["from"] = first;
        changes["experiment"] = "second";
        string second = _scratch.Write("second.json", changes);
        JsonNode whole = Json(0, "--config", second, "--out", _scratch.In("whole"), "--json");

        Interrupt("--config", second, "--out", _scratch.In("parts"));
        Interrupt("--resume", _scratch.In("parts"));
        JsonNode resumed = Json(0, "--resume", _scratch.In("parts"), "--json");

        AssertSame(whole, resumed);
        AssertSame(whole["pretraining"]!, resumed["pretraining"]!);
        Assert.Equal(whole["before"]!.ToJsonString(), resumed["before"]!.ToJsonString());
    }

    [Fact]
    public void Digits_that_are_drawn_while_it_trains_are_drawn_on()
    {
        string config = Configuration(
            """{"train": 300000, "batch": 500, "steps": 6, "passes": null, "evaluateEvery": 2, "optimizer": {"kind": "adamw", "learningRate": 0.003}}""");
        JsonNode whole = Json(0, "--config", config, "-a", "host", "--no-save", "--json");

        Interrupt("--config", config, "-a", "host", "--out", _scratch.In("parts"));

        AssertSame(whole, Json(0, "--resume", _scratch.In("parts"), "--json"));
    }

    [Fact]
    public void A_finished_run_says_so_and_stays_as_it_is()
    {
        JsonNode whole = Json(0, "--config", _scratch.Config, "--out", _scratch.In("run"), "--json");

        CommandRun again = CommandRun.Of("--resume", _scratch.In("run"));

        Assert.Equal(0, again.Code);
        Assert.Contains("came to its end; there is nothing left to train", again.Output, StringComparison.Ordinal);
        Assert.Contains((string)whole["parametersSha256"]!, again.Output, StringComparison.Ordinal);
        Assert.Equal(_scratch.In("run"), (string)whole["folder"]!);
    }

    [Fact]
    public void A_damaged_checkpoint_is_named_and_the_one_before_it_taken()
    {
        string config = Configuration("""{"passes": 8, "shift": 1}""");
        JsonNode whole = Json(0, "--config", config, "--no-save", "--json");
        Interrupt("--config", config, "--out", _scratch.In("run"), "--checkpoint-every", "1");
        Interrupt("--resume", _scratch.In("run"));
        string[] checkpoints =
            [.. Directory.EnumerateFiles(_scratch.In("run", "checkpoints")).Order(StringComparer.Ordinal)];
        byte[] bytes = File.ReadAllBytes(checkpoints[^1]);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(checkpoints[^1], bytes);

        CommandRun resumed = CommandRun.Of("--resume", _scratch.In("run"), "--json");

        Assert.Equal(0, resumed.Code);
        Assert.Contains(
            $"{checkpoints[^1]} is damaged: its checksum is not that of its content. Taking the one before it.",
            resumed.Error,
            StringComparison.Ordinal);
        Assert.Contains("goes on after", resumed.Error, StringComparison.Ordinal);
        AssertSame(whole, JsonNode.Parse(resumed.Output)!);
    }

    [Fact]
    public void Without_a_good_checkpoint_it_begins_anew_only_if_that_is_wanted()
    {
        JsonNode whole = Json(0, "--config", _scratch.Config, "--no-save", "--json");
        Interrupt("--config", _scratch.Config, "--out", _scratch.In("run"));
        string[] checkpoints = Directory.GetFiles(_scratch.In("run", "checkpoints"), "*.checkpoint");
        foreach (string path in checkpoints)
        {
            File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);
        }

        CommandRun refused = CommandRun.Of("--resume", _scratch.In("run"), "--json");
        Assert.Equal(2, refused.Code);
        Assert.Contains("is damaged", refused.Error, StringComparison.Ordinal);
        Assert.Contains(
            $"None of the {checkpoints.Length} checkpoints in {_scratch.In("run", "checkpoints")} can be used", refused.Error, StringComparison.Ordinal);

        CommandRun resumed = CommandRun.Of("--resume", _scratch.In("run"), "--accept-changes", "--json");
        Assert.Equal(0, resumed.Code);
        Assert.Contains("seed 1337 has no checkpoint, and begins anew", resumed.Error, StringComparison.Ordinal);
        AssertSame(whole, JsonNode.Parse(resumed.Output)!);
    }

    [Fact]
    public void As_many_checkpoints_are_kept_as_were_asked_for()
    {
        string config = Configuration("""{"passes": 6}""");
        Json(0, "--config", config, "--out", _scratch.In("run"), "--checkpoint-every", "2", "--keep-checkpoints", "2", "--json");
        Json(0, "--config", config, "--out", _scratch.In("none"), "--checkpoint-every", "0", "--json");

        // The end is one, for a run that is made longer.
        Assert.Equal(
            ["step-0000000800.checkpoint", "step-0000001200.checkpoint"],
            Directory.EnumerateFiles(_scratch.In("run", "checkpoints"), "*.checkpoint").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.False(Directory.Exists(_scratch.In("none", "checkpoints")));
    }

    [Fact]
    public void What_would_change_the_run_is_refused()
    {
        Json(0, "--config", _scratch.Config, "--out", _scratch.In("run"), "--json");
        string run = _scratch.In("run");

        Assert.Contains("--seed would change it", Refusal("--resume", run, "--seed", "3"), StringComparison.Ordinal);
        Assert.Contains("--config would change it", Refusal("--resume", run, "-c", "demo"), StringComparison.Ordinal);
        Assert.Contains("is not the folder of a run", Refusal("--resume", _scratch.In("nowhere")), StringComparison.Ordinal);
        Assert.Contains("--no-save contradicts --out", Refusal("--no-save", "--out", run), StringComparison.Ordinal);
        File.WriteAllText(_scratch.In("run", "order.json"), "{}");
        File.WriteAllText(_scratch.In("run", "environment.json"), "{}");
        Assert.Contains("order.json cannot be read", Refusal("--resume", run), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_use_is_refused()
    {
        Json(0, "--config", _scratch.Config, "--out", _scratch.In("run"), "--json");
        using FileStream other = new(_scratch.In("run", ".lock"), FileMode.Create, FileAccess.Write, FileShare.None);

        Assert.Contains("is in use by another run", Refusal("--resume", _scratch.In("run")), StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static void AssertSame(JsonNode whole, JsonNode resumed)
    {
        Assert.Equal((string)whole["parametersSha256"]!, (string)resumed["parametersSha256"]!);
        Assert.Equal((long)whole["steps"]!, (long)resumed["steps"]!);
        Assert.Null(resumed["interrupted"]);
        Assert.Equal(History(whole), History(resumed));
        double seconds = 0;
        foreach (JsonNode? entry in resumed["history"]!.AsArray())
        {
            Assert.InRange((double)entry!["seconds"]!, seconds, double.MaxValue);
            seconds = (double)entry["seconds"]!;
        }

        static string[] History(JsonNode run) => [.. run["history"]!.AsArray().Select(entry =>
            $"{entry!["pass"]} {entry["step"]} {entry["train"]!.ToJsonString()} {entry["test"]!.ToJsonString()}")];
    }

    private static JsonNode Json(int code, params string[] arguments)
    {
        CommandRun run = CommandRun.Of(arguments);
        Assert.True(run.Code == code, run.Error);
        return JsonNode.Parse(run.Output)!;
    }

    private static string Refusal(params string[] arguments)
    {
        CommandRun run = CommandRun.Of(arguments);
        Assert.Equal(2, run.Code);
        return run.Error;
    }

    private static void Interrupt(params string[] arguments)
    {
        using CancellationTokenSource interruption = new();
        using CancellingWriter output = new("eval: split test", interruption);
        using StringWriter error = new();
        int code = TrainerCommandLine.Run(arguments, output, error, interruption.Token);
        Assert.True(code == 130, $"{code}: {error}");
    }

    private string Configuration(string changes)
    {
        JsonObject configuration = new()
        {
            ["experiment"] = "small",
            ["dataset"] = "builtin",
            ["train"] = 200,
            ["test"] = 50,
            ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.03 },
            ["passes"] = 4,
        };
        foreach ((string key, JsonNode? value) in JsonNode.Parse(changes)!.AsObject())
        {
            configuration[key] = value?.DeepClone();
        }

        if (configuration["passes"] is null)
        {
            configuration.Remove("passes");
        }

        return _scratch.Write("changed.json", configuration);
    }
}
