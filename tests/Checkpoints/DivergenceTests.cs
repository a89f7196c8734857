using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Kernels;

namespace GpuConvnet.Tests.Checkpoints;

/// <summary>A training whose parameters are numbers no more is no finished run, and costs nothing of what was good before.</summary>
public sealed class DivergenceTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>, IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Theory]
    [InlineData("host")]
    [InlineData("cpu")]
    [InlineData("opencl")]
    public void It_fails_at_the_evaluation_that_sees_it_and_keeps_the_one_before(string accelerator)
    {
        if (accelerator == "opencl")
        {
            devices.Require(DeviceKind.OpenCL);
        }

        CommandRun run = CommandRun.Of("--config", Config(evaluateEvery: 1), "-a", accelerator, "--out", _scratch.In("run"), "--json");

        Assert.Equal(1, run.Code);
        Assert.Matches("The training diverged: after [0-9]+ steps .* no longer .*Use a learning rate smaller than 3", run.Error);
        Assert.Contains("at the evaluation before, is saved", run.Error, StringComparison.Ordinal);
        JsonNode result = JsonNode.Parse(File.ReadAllText(_scratch.In("run", "result.json")))!;
        Assert.Contains("diverged", (string)result["failure"]!, StringComparison.Ordinal);
        Assert.True((bool)result["interrupted"]!);
        Assert.Equal(
            (long)result["steps"]! + 1, (long)JsonNode.Parse(File.ReadAllText(_scratch.In("run", "diverged.json")))!["steps"]!);
        Assert.Equal(0, CommandRun.Of("eval", _scratch.In("run")).Code);
        AssertSaysSo();
    }

    [Fact]
    public void Found_by_the_first_evaluation_it_leaves_no_model()
    {
        CommandRun run = CommandRun.Of("--config", Config(evaluateEvery: 60), "-a", "host", "--out", _scratch.In("run"));

        Assert.Equal(1, run.Code);
        Assert.Contains("after 60 steps", run.Error, StringComparison.Ordinal);
        Assert.Contains("parameters are no longer numbers", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_scratch.In("run", "model.safetensors")));
        AssertSaysSo();
    }

    [Fact]
    public void Of_several_seeds_each_says_so()
    {
        CommandRun run = CommandRun.Of(
            "--config", Config(evaluateEvery: 1), "-a", "host", "--runs", "2", "--out", _scratch.In("run"));

        Assert.Equal(1, run.Code);
        Assert.Contains("The training diverged", run.Error, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.EnumerateFiles(_scratch.In("run"), "diverged.json", SearchOption.AllDirectories));
        AssertSaysSo();
    }

    public void Dispose() => _scratch.Dispose();

    private void AssertSaysSo()
    {
        string line = CommandRun.Of("runs", _scratch.In("run")).Output;
        Assert.Contains("  diverged. ", line, StringComparison.Ordinal);
        Assert.Contains("The training diverged: after", line, StringComparison.Ordinal);
        Assert.DoesNotContain("--resume", line, StringComparison.Ordinal);
        CommandRun resumed = CommandRun.Of("--resume", _scratch.In("run"));
        Assert.Equal(2, resumed.Code);
        Assert.Contains("It would diverge again.", resumed.Error, StringComparison.Ordinal);
    }

    private string Config(int evaluateEvery) => _scratch.Write("nan.json", new JsonObject
    {
        ["experiment"] = "nan",
        ["dataset"] = "builtin",
        ["train"] = 100,
        ["test"] = 50,
        ["hidden"] = "gelu",
        ["output"] = "linear",
        ["loss"] = "crossEntropy",
        ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 3 },
        ["batch"] = "full",
        ["steps"] = 60,
        ["evaluateEvery"] = evaluateEvery,
    });
}
