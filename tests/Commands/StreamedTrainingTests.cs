using System.Text.Json.Nodes;
using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Commands;

/// <summary>Training sets that are drawn while they are trained on, by the command line.</summary>
public sealed class StreamedTrainingTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void A_hundred_million_digits_are_evaluated_on_a_sample_and_can_be_interrupted()
    {
        string config = Config(train: 100_000_000, batch: 1);
        using CancellationTokenSource interruption = new();
        using CancellingWriter output = new("eval: split test", interruption);
        using StringWriter error = new();

        int code = TrainerCommandLine.Run(
            ["--config", config, "--out", _scratch.In("run")], output, error, interruption.Token);

        Assert.Equal(130, code);
        Assert.Contains("100,000,000 training", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("evaluated on the first 10,000", output.ToString(), StringComparison.Ordinal);
        JsonNode result = JsonNode.Parse(File.ReadAllText(_scratch.In("run", "result.json")))!;
        Assert.True((bool)result["interrupted"]!);
        Assert.Equal(10_000, (int)result["train"]!["examples"]!);
        Assert.Equal(500, (long)result["history"]![0]!["step"]!);

        CommandRun eval = CommandRun.Of("eval", _scratch.In("run", "model.safetensors"), "--json");
        Assert.Equal(0, eval.Code);
        Assert.Equal(
            (int)result["train"]!["misses"]!, (int)JsonNode.Parse(eval.Output)!["train"]!["misses"]!);
    }

    [Fact]
    public void Seeds_side_by_side_have_a_stream_each()
    {
        string config = Config(train: 200_000, batch: 50);
        string[] arguments = ["--config", config, "--accelerator", "host", "--steps", "40", "--json"];

        JsonNode joint = JsonNode.Parse(CommandRun.Of([.. arguments, "--runs", "2", "--seed", "1"]).Output)!;
        JsonNode alone = JsonNode.Parse(CommandRun.Of([.. arguments, "--seed", "2"]).Output)!;

        Assert.Equal((string)alone["parametersSha256"]!, (string)joint["runs"]![1]!["parametersSha256"]!);
    }

    [Fact]
    public void A_full_batch_of_more_than_memory_is_refused()
    {
        CommandRun run = CommandRun.Of("--config", Config(train: 2_000_000, batch: 1), "--batch", "full", "--accelerator", "host");

        Assert.Equal(2, run.Code);
        Assert.Contains("--batch 16384 or smaller", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private string Config(int train, int batch)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        json["train"] = train;
        json["batch"] = batch;
        json["passes"] = 1;
        json["evaluateEvery"] = 500;
        return _scratch.Write("streamed.json", json);
    }
}
