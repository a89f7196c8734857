using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Sweep;

/// <summary>Sweeps whose runs a device trains at once, each by a recipe of its own.</summary>
public sealed class SweepAtOnceTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>, IDisposable
{
    private static readonly string[] s_grid =
    [
        "--set", "optimizer.learningRate=0.01,0.03", "--set", "optimizer.weightDecay=0,0.001", "--set", "dropout=0,0.25",
        "--set", "shift=0,1", "--runs", "2",
    ];

    private readonly ScratchExperiment _scratch = new(passes: 5);

    [Theory]
    [InlineData("1", "16 points")]
    [InlineData("8", "16 points")]
    public void A_grid_ends_where_the_host_ends(string batch, string points)
    {
        devices.Require(DeviceKind.OpenCL);
        string[] grid = [.. s_grid, "--set", $"batch={batch}", "--validation", "100", "--json"];

        CommandRun found = CommandRun.Of(["sweep", "-c", _scratch.Config, "-a", "opencl", .. grid, "--out", _scratch.In("s")]);
        CommandRun expected = CommandRun.Of(["sweep", "-c", _scratch.Config, "-a", "host", .. grid, "--out", _scratch.In("host")]);

        Assert.Equal((0, 0), (found.Code, expected.Code));
        Assert.Contains(points, found.Error, StringComparison.Ordinal);
        Assert.Contains("at once: 32 of 32 runs, each with settings of its own, at most ", found.Error, StringComparison.Ordinal);
        Assert.Contains("32 of 32 runs finished", found.Error, StringComparison.Ordinal);
        Assert.Equal(Misses(expected), Misses(found));
        Assert.Equal(Files("host"), Files("s"));
    }

    [Fact]
    public void A_run_has_the_same_bits_alone_and_however_many_are_beside_it()
    {
        devices.Require(DeviceKind.OpenCL);
        Dictionary<string, string> all = Bits(Sweep([.. s_grid, "--json"]).Output);
        Dictionary<string, string> three = Bits(Sweep([.. s_grid, "--json", "--jobs", "3"]).Output);
        Dictionary<string, string> alone = Bits(Sweep(
            "--set", "optimizer.learningRate=0.03", "--set", "optimizer.weightDecay=0.001", "--set", "dropout=0.25", "--set", "shift=1",
            "--runs", "1", "--seed", "1338", "--json").Output);

        Assert.Equal(32, all.Values.Distinct().Count());
        Assert.Equal(all, three);
        (string run, string sha256) = Assert.Single(alone);
        Assert.Equal(all[run], sha256);
    }

    /// <summary>Interrupted in the middle, one of its checkpoints damaged, it comes to the same bits.</summary>
    [Theory]
    [InlineData("1")]
    [InlineData("4")]
    public void A_sweep_that_was_stopped_in_the_middle_of_its_runs_goes_on_to_the_same_bits(string batch)
    {
        devices.Require(DeviceKind.OpenCL);
        string[] grid = ["--set", "optimizer.learningRate=0.01,0.03", "--set", "optimizer.momentum=0.5", "--set", "shift=0,1", "--set", $"batch={batch}"];
        using CancellationTokenSource interruption = new();
        using CancellingWriter output = new("4 runs at once on opencl", interruption);
        using StringWriter error = new();
        int code = TrainerCommandLine.Run(
            Arguments([.. grid, "--runs", "1", "--out", _scratch.In("s")]), output, error, interruption.Token);

        Assert.Equal(130, code);
        Assert.Contains("those that a device trains at once as far as they are", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_scratch.In("s", "runs")));
        string[] checkpoints = Directory.GetFiles(_scratch.In("s", "checkpoints"), "*.checkpoint", SearchOption.AllDirectories);
        Assert.Equal(4, checkpoints.Length);
        File.WriteAllText(checkpoints[0], "torn");

        CommandRun resumed = Sweep([.. grid, "--runs", "1", "--out", _scratch.In("s")]);
        Sweep([.. grid, "--runs", "1", "--out", _scratch.In("whole")]);

        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        Assert.Contains($"{checkpoints[0]} is not a checkpoint of this program.", resumed.Output, StringComparison.Ordinal);
        Assert.Contains("3 runs at once on opencl", resumed.Output, StringComparison.Ordinal);
        Assert.Contains("going on after ", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(Bits(Saved("whole")), Bits(Saved("s")));
        Assert.False(Directory.Exists(_scratch.In("s", "checkpoints")));
        Assert.Equal(Files("whole"), Files("s"));
    }

    [Fact]
    public void Runs_that_differ_in_more_are_grouped_and_those_that_cannot_be_trained_at_once_say_why()
    {
        devices.Require(DeviceKind.OpenCL);

        CommandRun run = Sweep(
            "--set", "hidden=tanh,scaledTanh", "--set", "optimizer.momentum=0,0.5", "--set", "rotate=0,5", "--set", "passes=1", "--runs", "1");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("at once: 4 of 8 runs, each with settings of its own, in 4 groups that differ in more, ", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "note: 4 runs are trained one after the other, not at once: a turned, scaled or bent image", run.Output, StringComparison.Ordinal);
        Assert.Contains("--accelerator host trains them side by side", run.Output, StringComparison.Ordinal);
        Assert.Contains("8 of 8 runs finished", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_diverges_takes_no_other_with_it()
    {
        devices.Require(DeviceKind.OpenCL);

        CommandRun run = Sweep(
            "--set", "hidden=relu", "--set", "output=linear", "--set", "optimizer.learningRate=100,0.01", "--set", "shift=1",
            "--set", "randomNumbers=article", "--runs", "1");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("note: replicas draw shifts and dropout from Philox", run.Output, StringComparison.Ordinal);
        Assert.Contains("optimizer.learningRate=100 shift=1 randomNumbers=article seed=1337: diverged", run.Output, StringComparison.Ordinal);
        Assert.Contains("best: hidden=relu output=linear optimizer.learningRate=0.01", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_runs_of_larger_batches_are_trained_one_after_the_other_and_say_so()
    {
        devices.Require(DeviceKind.OpenCL);

        CommandRun run = Sweep("--set", "optimizer.learningRate=0.01,0.03", "--set", "batch=50", "--runs", "1");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("not at once: so few runs take steps of 50 examples faster alone", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("at once on opencl", run.Output, StringComparison.Ordinal);
    }

    /// <summary>A folder whose runs were trained otherwise holds other bits.</summary>
    [Fact]
    public void The_folder_of_runs_that_were_trained_one_after_the_other_is_refused()
    {
        devices.Require(DeviceKind.OpenCL);
        string[] grid = ["--set", "shift=0,1", "--runs", "1", "--out", _scratch.In("s")];
        Sweep(grid);
        string file = _scratch.In("s", "definition.json");
        JsonObject definition = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        Assert.True(definition.Remove("atOnce"));
        File.WriteAllText(file, definition.ToJsonString());

        CommandRun run = Sweep(grid);

        Assert.Equal(2, run.Code);
        Assert.Contains("its \"atOnce\" is absent, and true was asked for", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private CommandRun Sweep(params string[] more) => CommandRun.Of(Arguments(more));

    private string[] Arguments(params string[] more) => ["sweep", "-c", _scratch.Config, "-a", "opencl", "--validation", "50", .. more];

    private string Saved(string folder) => File.ReadAllText(_scratch.In(folder, "sweep.json"));

    private static Dictionary<string, string> Bits(string json) => Runs(json).ToDictionary(
        run => $"{run["settings"]!.ToJsonString()} {run["seed"]}", run => (string)run["parametersSha256"]!);

    private static IEnumerable<string> Misses(CommandRun sweep) => Runs(sweep.Output).Select(run =>
        $"{run["settings"]!.ToJsonString()} {run["seed"]}: {run["train"]!["misses"]}, {run["validation"]!["misses"]}").Order(StringComparer.Ordinal);

    private static IEnumerable<JsonNode> Runs(string json) =>
        JsonNode.Parse(json)!["ranking"]!.AsArray().SelectMany(point => point!["runs"]!.AsArray()).Select(run => run!);

    private IEnumerable<string> Files(string folder) => Directory
        .EnumerateFiles(_scratch.In(folder), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_scratch.In(folder), file))
        .Order(StringComparer.Ordinal);
}
