using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Checkpoints;

/// <summary><c>--resume RUN --passes MORE</c>: a run that was made longer is the run that was ordered so, to the last bit.</summary>
public sealed class LengtheningTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    /// <summary>Optimizers with and without a state, per example and in batches, with chance and without.</summary>
    public static TheoryData<string> Trainings =>
    [
        """{"batch": 1, "optimizer": {"kind": "sgd", "learningRate": 0.03}}""",
        """{"batch": 1, "optimizer": {"kind": "sgd", "momentum": 0.9, "nesterov": true, "learningRate": 0.003}, "shift": 1, "dropout": 0.25}""",
        """{"batch": 1, "randomNumbers": "article", "optimizer": {"kind": "adamw", "learningRate": 0.001, "warmupSteps": 150}, "shift": 1}""",
        """{"batch": 64, "weightNormalization": true, "optimizer": {"kind": "adam", "learningRate": 0.003}}""",
        """{"batch": "full", "evaluateEvery": 2, "network": {"family": "1989", "width": 0.5}, "optimizer": {"kind": "adamw", "learningRate": 0.003}}""",
        """{"batch": 1, "loss": "halfSquaredError", "shuffle": "everyPass", "optimizer": {"kind": "newton", "learningRate": 0.0007, "curvatureEvery": 150, "curvatureExamples": 20}}""",
    ];

    [Theory]
    [MemberData(nameof(Trainings))]
    public void ALongerRunHasTheBitsOfOneThatWasOrderedSo(string changes)
    {
        JsonNode whole = Json("--config", Configuration(changes, 7), "-a", "host", "--out", _scratch.In("whole"), "--json");
        Json("--config", Configuration(changes, 3), "-a", "host", "--out", _scratch.In("run"), "--json");

        CommandRun longer = CommandRun.Of("--resume", _scratch.In("run"), "--passes", "7", "--json");

        Assert.True(longer.Code == 0, longer.Error);
        Assert.Contains("goes on after", longer.Error, StringComparison.Ordinal);
        JsonNode result = JsonNode.Parse(longer.Output)!;
        AssertSame(whole, result);
        foreach (string file in (string[])["config.json", "model.safetensors"])
        {
            Assert.Equal(File.ReadAllBytes(_scratch.In("whole", file)), File.ReadAllBytes(_scratch.In("run", file)));
        }
    }

    [Fact]
    public void ItMayBeInterruptedAndMadeLongerAgain()
    {
        JsonNode whole = Json("--config", Configuration("{}", 9), "--no-save", "--json");
        Json("--config", Configuration("{}", 2), "--out", _scratch.In("run"), "--json");

        Interrupt("--resume", _scratch.In("run"), "--passes", "6");
        string listed = CommandRun.Of("runs", _scratch.In()).Output;
        Json("--resume", _scratch.In("run"), "--json");

        AssertSame(whole, Json("--resume", _scratch.In("run"), "--passes", "9", "--json"));
        Assert.DoesNotContain("2 passes", listed, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralSeedsAreAllMadeLonger()
    {
        JsonNode whole = Json("--config", Configuration("{}", 5), "--runs", "3", "--no-save", "--json");
        Json("--config", Configuration("{}", 2), "--runs", "3", "--out", _scratch.In("run"), "--json");

        JsonNode longer = Json("--resume", _scratch.In("run"), "--passes", "5", "--json");

        for (int seed = 0; seed < 3; seed++)
        {
            AssertSame(whole["runs"]![seed]!, longer["runs"]![seed]!);
        }

        Assert.Equal(whole["summary"]!.ToJsonString(), longer["summary"]!.ToJsonString());
    }

    [Fact]
    public void WithoutACheckpointOfItsEndItIsTrainedFromTheBeginningAndThatIsSaid()
    {
        JsonNode whole = Json("--config", Configuration("{}", 4), "--no-save", "--json");
        Json("--config", Configuration("{}", 2), "--out", _scratch.In("run"), "--checkpoint-every", "0", "--json");

        CommandRun longer = CommandRun.Of("--resume", _scratch.In("run"), "--passes", "4", "--json");

        Assert.Contains("has no checkpoint, and begins anew", longer.Error, StringComparison.Ordinal);
        AssertSame(whole, JsonNode.Parse(longer.Output)!);
    }

    [Fact]
    public void StepsAreMadeMoreWhereTheRunCountsSteps()
    {
        const string Batches = """{"batch": 50, "passes": null, "evaluateEvery": 4, "optimizer": {"kind": "adamw", "learningRate": 0.003}}""";
        JsonNode whole = Json("--config", Configuration(Batches, 0, steps: 13), "-a", "host", "--no-save", "--json");
        Json("--config", Configuration(Batches, 0, steps: 6), "-a", "host", "--out", _scratch.In("run"), "--json");

        Assert.Contains("counts steps", Refusal("--resume", _scratch.In("run"), "--passes", "9"), StringComparison.Ordinal);
        AssertSame(whole, Json("--resume", _scratch.In("run"), "--steps", "13", "--json"));
    }

    [Theory]
    [InlineData(
        """{"optimizer": {"kind": "sgd", "learningRate": 0.03, "schedule": "linear"}}""", "its learning rate falls (linear) until the last of them")]
    [InlineData(
        """{"optimizer": {"kind": "sgd", "learningRate": 0.03, "schedule": "cosine"}}""", "its learning rate falls (cosine) until the last of them")]
    [InlineData("""{"rotate": 5, "undistorted": 0.25}""", "the last 25% of them show images undistorted")]
    public void WhatRestsOnTheEndIsSaidWithWhatToDo(string changes, string why)
    {
        string run = _scratch.In("run");
        Json("--config", Configuration(changes, 2), "--out", run, "--json");
        byte[] result = File.ReadAllBytes(_scratch.In("run", "result.json"));

        string refusal = Refusal("--resume", run, "--passes", "4");

        Assert.Contains($"{run} has 2 passes, and {why}: a longer run", refusal, StringComparison.Ordinal);
        Assert.Contains($"--from {run}", refusal, StringComparison.Ordinal);
        Assert.Equal(result, File.ReadAllBytes(_scratch.In("run", "result.json")));
        Assert.Equal(
            0, CommandRun.Of("--config", _scratch.In("run", "config.json"), "--from", run, "--passes", "2", "--no-save").Code);
    }

    [Fact]
    public void ARunIsNotMadeShorter()
    {
        Json("--config", Configuration("{}", 3), "--out", _scratch.In("run"), "--json");

        Assert.Contains("cannot be made shorter", Refusal("--resume", _scratch.In("run"), "--passes", "2"), StringComparison.Ordinal);
        Assert.Contains("counts passes", Refusal("--resume", _scratch.In("run"), "--steps", "900"), StringComparison.Ordinal);
        Assert.Contains(
            "there is nothing left to train", CommandRun.Of("--resume", _scratch.In("run"), "--passes", "3").Output, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>The same bits and evaluations; one that was the end before may have come in between.</summary>
    private static void AssertSame(JsonNode whole, JsonNode longer)
    {
        Assert.Equal((string)whole["parametersSha256"]!, (string)longer["parametersSha256"]!);
        Assert.Equal((long)whole["steps"]!, (long)longer["steps"]!);
        Assert.Null(longer["interrupted"]);
        Assert.Equal(History(whole), History(longer).Intersect(History(whole)));

        static string[] History(JsonNode run) => [.. run["history"]!.AsArray().Select(entry =>
            $"{entry!["pass"]} {entry["step"]} {entry["train"]!.ToJsonString()} {entry["test"]!.ToJsonString()}")];
    }

    private static JsonNode Json(params string[] arguments)
    {
        CommandRun run = CommandRun.Of(arguments);
        Assert.True(run.Code == 0, run.Error);
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

    private string Configuration(string changes, int passes, int? steps = null)
    {
        JsonObject configuration = new()
        {
            ["experiment"] = "small",
            ["dataset"] = "builtin",
            ["train"] = 200,
            ["test"] = 50,
            ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.03 },
        };
        foreach ((string key, JsonNode? value) in JsonNode.Parse(changes)!.AsObject())
        {
            configuration[key] = value?.DeepClone();
        }

        configuration.Remove("passes");
        configuration[steps is null ? "passes" : "steps"] = steps ?? passes;
        return _scratch.Write($"changed-{passes}-{steps}.json", configuration);
    }
}
