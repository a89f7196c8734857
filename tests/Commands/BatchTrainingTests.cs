using System.Text.Json.Nodes;

namespace GpuConvnet.Tests.Commands;

/// <summary>Batches of more than one example by the command line, on the host.</summary>
public sealed class BatchTrainingTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void A_full_batch_is_one_step_a_pass()
    {
        JsonNode result = Train("--accelerator", "host", "--batch", "full", "--passes", "3");

        Assert.Equal("host", (string)result["accelerator"]!);
        Assert.Equal("full", (string)result["batch"]!);
        Assert.Equal(3, (long)result["steps"]!);
        Assert.Equal(3, (int)result["passes"]!);
    }

    [Fact]
    public void A_pass_ends_with_a_smaller_batch_where_the_set_is_no_multiple()
    {
        JsonNode result = Train("--accelerator", "host", "--batch", "64", "--passes", "2");

        // 200 examples: 64 + 64 + 64 + 8.
        Assert.Equal(8, (long)result["steps"]!);
        Assert.Equal(2, result["history"]!.AsArray().Count);
    }

    [Fact]
    public void Evaluations_come_every_so_many_steps_and_at_the_end()
    {
        string config = _scratch.Write("often.json", Experiment("adamw", batch: "full", steps: 7, evaluateEvery: 3));

        JsonNode result = JsonNode.Parse(CommandRun.Of("--config", config, "--accelerator", "host", "--json").Output)!;

        Assert.Equal([3, 6, 7], result["history"]!.AsArray().Select(entry => (long)entry!["step"]!));
    }

    [Fact]
    public void Full_batch_training_with_noise_learns_and_repeats_bit_for_bit()
    {
        string config = _scratch.Write("noisy.json", Experiment("adamw", batch: "full", steps: 60, evaluateEvery: 60));
        string[] arguments = ["--config", config, "--accelerator", "host", "--json"];

        JsonNode first = JsonNode.Parse(CommandRun.Of(arguments).Output)!;
        JsonNode second = JsonNode.Parse(CommandRun.Of(arguments).Output)!;
        JsonNode otherSeed = JsonNode.Parse(CommandRun.Of([.. arguments, "--seed", "5"]).Output)!;

        Assert.InRange((int)first["train"]!["misses"]!, 0, 60);
        Assert.Equal((string)first["parametersSha256"]!, (string)second["parametersSha256"]!);
        Assert.NotEqual((string)first["parametersSha256"]!, (string)otherSeed["parametersSha256"]!);
    }

    [Fact]
    public void Several_seeds_side_by_side_give_what_each_gives_alone()
    {
        string config = _scratch.Write("seeds.json", Experiment("adam", batch: "full", steps: 5, evaluateEvery: 5));
        string[] arguments = ["--config", config, "--accelerator", "host", "--json"];

        JsonNode joint = JsonNode.Parse(CommandRun.Of([.. arguments, "--runs", "3", "--seed", "1"]).Output)!;
        JsonNode alone = JsonNode.Parse(CommandRun.Of([.. arguments, "--seed", "2"]).Output)!;

        Assert.Equal((string)alone["parametersSha256"]!, (string)joint["runs"]![1]!["parametersSha256"]!);
    }

    [Fact]
    public void Per_example_training_with_an_optimizer_runs_on_the_host()
    {
        string config = _scratch.Write("adam.json", Experiment("adam", batch: 1, steps: 50, evaluateEvery: 50));

        CommandRun run = CommandRun.Of("--config", config);

        Assert.Equal(0, run.Code);
        Assert.Contains("accelerator: host", run.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static JsonObject Experiment(string kind, JsonNode batch, int steps, int evaluateEvery) => new()
    {
        ["experiment"] = "batch",
        ["dataset"] = "builtin",
        ["train"] = 200,
        ["test"] = 50,
        ["hidden"] = "relu",
        ["output"] = "linear",
        ["loss"] = "crossEntropy",
        ["optimizer"] = new JsonObject
        {
            ["kind"] = kind,
            ["learningRate"] = 0.01,
            ["schedule"] = "cosine",
            ["warmupSteps"] = 5,
        },
        ["shift"] = 1,
        ["dropout"] = 0.1,
        ["batch"] = batch,
        ["steps"] = steps,
        ["evaluateEvery"] = evaluateEvery,
    };

    private JsonNode Train(params string[] arguments) =>
        JsonNode.Parse(CommandRun.Of(["--config", _scratch.Config, "--json", .. arguments]).Output)!;
}
