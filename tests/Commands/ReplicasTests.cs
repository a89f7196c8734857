using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Tests.Kernels;

namespace GpuConvnet.Tests.Commands;

/// <summary><c>--replicas</c>: many seeds at once on a device, with the results of <c>--runs</c>.</summary>
[Collection(nameof(DeviceTests))]
public sealed class ReplicasTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>, IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void They_end_where_the_runs_of_the_same_seeds_end_and_say_so_in_the_same_words()
    {
        devices.Require(DeviceKind.OpenCL);
        string[] arguments = ["--config", _scratch.Config, "--validation", "40", "--seed", "5", "--json", "--no-events"];

        CommandRun replicas = CommandRun.Of(
            [.. arguments, "--accelerator", "opencl", "--replicas", "3", "--out", _scratch.In("replicas")]);
        CommandRun runs = CommandRun.Of([.. arguments, "--runs", "3", "--out", _scratch.In("runs")]);

        Assert.Equal((0, 0), (replicas.Code, runs.Code));
        JsonNode found = JsonNode.Parse(replicas.Output)!;
        JsonNode expected = JsonNode.Parse(runs.Output)!;
        Assert.Equal("opencl", (string)found["accelerator"]!);
        Assert.Equal(Keys(expected), Keys(found));
        Assert.Equal(Keys(expected["runs"]![0]!), Keys(found["runs"]![0]!));
        Assert.Equal(Results(expected), Results(found));
        Assert.Equal(
            expected["summary"]!["testMisses"]!.ToJsonString(), found["summary"]!["testMisses"]!.ToJsonString());

        // They train together, so that the time of all is that of each, and runs one after the other take the sum.
        Assert.Equal(Train(found["runs"]!).Max(), (double)found["seconds"]!["train"]!);
        Assert.Equal(Train(expected["runs"]!).Sum(), (double)expected["seconds"]!["train"]!, 1e-9);
        Assert.Contains("replicas: 3 side by side, 1,200 presentations in ", replicas.Error, StringComparison.Ordinal);

        // What the folder holds is the same, but for checkpoints, without which there is nothing to resume.
        CommandRun resumed = CommandRun.Of("--resume", _scratch.In("replicas"));
        Assert.Equal(2, resumed.Code);
        Assert.Contains("--replicas, which writes no checkpoints", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(Files("runs").Where(file => !file.Contains("checkpoints", StringComparison.Ordinal)), Files("replicas"));
        File.Delete(_scratch.In("replicas", "result.json"));
        string listed = CommandRun.Of("runs", _scratch.In("replicas")).Output;
        Assert.Contains("unfinished; replicas write no checkpoints and begin anew", listed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Use --runs", "--accelerator", "host")]
    [InlineData("--runs does not go with --replicas", "--accelerator", "opencl", "--runs", "2")]
    [InlineData("write no checkpoints", "--accelerator", "opencl", "--checkpoint-every", "1")]
    [InlineData("--kernels does not go", "--accelerator", "opencl", "--kernels", "fused")]
    [InlineData("Add --per-example", "--accelerator", "opencl", "--batch", "full")]
    [InlineData("goes beyond the largest seed", "--accelerator", "opencl", "--seed", "4294967295")]
    public void What_does_not_go_with_them_is_refused(string reason, params string[] arguments)
    {
        CommandRun run = CommandRun.Of(["--config", _scratch.Config, "--replicas", "2", .. arguments]);

        Assert.Equal(2, run.Code);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public void Experiments_that_the_kernels_cannot_train_are_refused_by_name()
    {
        foreach ((string experiment, string reason) in new[]
        {
            ("best-7291", "turned, scaled or bent"), ("1989-owntable", "four neighbouring maps"),
        })
        {
            CommandRun run = CommandRun.Of("--config", experiment, "--accelerator", "opencl", "--replicas", "2");

            Assert.Equal(2, run.Code);
            Assert.Contains($"--replicas cannot train {experiment}: ", run.Error, StringComparison.Ordinal);
            Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _scratch.Dispose();

    private static IEnumerable<string> Keys(JsonNode node) => node.AsObject().Select(entry => entry.Key);

    private static IEnumerable<double> Train(JsonNode runs) =>
        runs.AsArray().Select(run => (double)run!["seconds"]!["train"]!);

    private static IEnumerable<(uint, long, string)> Results(JsonNode result) => result["runs"]!.AsArray().Select(run => (
        (uint)run!["seed"]!,
        (long)run["steps"]!,
        string.Join(", ", run["history"]!.AsArray().Select(entry =>
            $"{entry!["pass"]}: {entry["train"]!["misses"]} of {entry["train"]!["examples"]}, "
            + $"{entry["test"]!["misses"]} of {entry["test"]!["examples"]}"))));

    private IEnumerable<string> Files(string folder) => Directory
        .EnumerateFiles(_scratch.In(folder), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_scratch.In(folder), file))
        .Order(StringComparer.Ordinal);
}
