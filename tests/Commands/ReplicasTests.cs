using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Tests.Kernels;

namespace GpuConvnet.Tests.Commands;

/// <summary><c>--replicas</c>: many seeds at once on a device, with the results of <c>--runs</c>.</summary>
public sealed class ReplicasTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>, IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void They_end_where_the_runs_of_the_same_seeds_end_and_say_so_in_the_same_words()
    {
        devices.Require(DeviceKind.OpenCL);
        string[] arguments = ["--config", _scratch.Config, "--validation", "40", "--seed", "5", "--json", "--no-events", "--checkpoint-every", "4"];

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

        // What the folder holds is the same.
        Assert.Equal(Files("runs"), Files("replicas"));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("16")]
    public void Interrupted_or_killed_in_the_middle_they_go_on_to_the_same_bits(string batch)
    {
        devices.Require(DeviceKind.OpenCL);
        string[] arguments =
        [
            "--config", _scratch.Config, "--seed", "5", "--no-events", "--no-report", "--passes", "4", "--batch", batch, "--replicas", "3",
            "--accelerator", "opencl", "--checkpoint-every", "1",
        ];
        CommandRun whole = CommandRun.Of([.. arguments, "--out", _scratch.In("whole")]);
        CommandRun some = CommandRun.Of([.. arguments, "--out", _scratch.In("some")]);

        // As a kill leaves them that struck while results were saved: one is finished, the others have different checkpoints.
        File.Delete(_scratch.In("some", "result.json"));
        foreach ((string seed, int kept) in new[] { ("seed-6", 2), ("seed-7", 1) })
        {
            File.Delete(_scratch.In("some", seed, "result.json"));
            foreach (string checkpoint in Directory.GetFiles(_scratch.In("some", seed, "checkpoints"), "*.checkpoint")
                .Order(StringComparer.Ordinal).Skip(kept))
            {
                File.Delete(checkpoint);
            }
        }

        string listed = CommandRun.Of("runs", _scratch.In("some")).Output;
        CommandRun resumed = CommandRun.Of("--resume", _scratch.In("some"), "--no-report");
        string[] bits = Bits("some");
        CommandRun longer = CommandRun.Of("--resume", _scratch.In("some"), "--passes", "5", "--no-report");

        Assert.Equal((0, 0, 0, 0), (whole.Code, some.Code, resumed.Code, longer.Code));
        Assert.Contains("goes on with --resume", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("seed 5 goes on", resumed.Output, StringComparison.Ordinal);
        Assert.Contains("resume: seed 6 goes on after ", resumed.Output, StringComparison.Ordinal);
        Assert.Contains("resume: seed 7 goes on after ", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(Bits("whole"), bits);
        Assert.Contains("resume: seed 5 goes on after ", longer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Use --runs", "--accelerator", "host")]
    [InlineData("--runs does not go with --replicas", "--accelerator", "opencl", "--runs", "2")]
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

    private string[] Bits(string folder) =>
    [
        .. JsonNode.Parse(File.ReadAllText(_scratch.In(folder, "result.json")))!["runs"]!.AsArray()
            .Select(run => $"{run!["seed"]} {run["steps"]} {run["parametersSha256"]}"),
    ];

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
