using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.Ranks;

/// <summary>Many trainings on ranks that MPI started, a whole training a rank: what one process gives, but for times.</summary>
public sealed class ParallelRunsTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    public static TheoryData<string> Launchers => Launcher.Names;

    [Theory]
    [MemberData(nameof(Launchers))]
    public void Seeds_are_those_of_one_process(string launcher)
    {
        string[] arguments = ["--config", _scratch.Config, "--runs", "5", "--no-report"];

        RanksRun ranks = Launcher.Of(launcher).Run(3, [.. arguments, "--out", _scratch.In("ranks")]);
        Assert.True(ranks.Code == 0, ranks.All);
        Assert.Equal(0, CommandRun.Of([.. arguments, "--out", _scratch.In("alone")]).Code);

        Assert.Contains("ranks 0 to 2 on ", ranks.All, StringComparison.Ordinal);
        Assert.Contains("5 of 5 runs, ", ranks.All, StringComparison.Ordinal);
        Assert.Equal(Seeds("alone"), Seeds("ranks"));
        Assert.Equal(5, Seeds("ranks").Length);
        Assert.All(Directory.GetDirectories(_scratch.In("ranks"), "seed-*"), folder => Assert.Equal(
            File.ReadAllBytes(Path.Combine(folder.Replace("ranks", "alone", StringComparison.Ordinal), "model.safetensors")),
            File.ReadAllBytes(Path.Combine(folder, "model.safetensors"))));
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public async Task A_sweep_that_was_interrupted_goes_on_in_one_process_to_the_same_results(string launcher)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        json["passes"] = 150;
        string[] arguments =
        [
            "sweep", "--config", _scratch.Write("longer.json", json), "--set", "optimizer.learningRate=0.01,0.03",
            "--validation", "100", "--runs", "8", "--out",
        ];
        Launcher mpirun = Launcher.Of(launcher);
        Process program = mpirun.Start(3, [], [.. arguments, _scratch.In("ranks")]);
        Assert.True(SpinWait.SpinUntil(() => program.HasExited || Finished("ranks") >= 3, TimeSpan.FromMinutes(1)));
        using (Process kill = Process.Start("kill", ["-INT", $"{program.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        RanksRun interrupted = mpirun.Finish(program);

        // MPICH's launcher, interrupted too, may end with 0 before its ranks have told it how they ended.
        Assert.True(interrupted.Code != 0 || !mpirun.IsOpenMpi, interrupted.All);
        Assert.True(SpinWait.SpinUntil(() => !IsRunning(_scratch.In("ranks")), TimeSpan.FromMinutes(1)));
        Assert.Contains("runs under way are dropped, finished ones are kept", interrupted.All, StringComparison.Ordinal);
        Assert.InRange(Finished("ranks"), 3, 15);
        CommandRun later = CommandRun.Of([.. arguments, _scratch.In("ranks")]);
        Assert.Equal(0, CommandRun.Of([.. arguments, _scratch.In("alone")]).Code);

        Assert.Equal(0, later.Code);
        Assert.Contains("runs are finished already", later.Output, StringComparison.Ordinal);
        Assert.Equal(Points("alone", "sweep.json", "ranking"), Points("ranks", "sweep.json", "ranking"));
    }

    [Fact]
    public void A_grid_of_widths_is_that_of_one_process()
    {
        string[] arguments =
        [
            "scale",
            _scratch.Write("grid.json", JsonNode.Parse(
                """{ "base": "small.json", "widths": [1, 0.5], "train": [200, 100], "seeds": [1, 2] }""")!),
            "--out",
        ];

        RanksRun ranks = Launcher.Of("mpirun.mpich").Run(2, [.. arguments, _scratch.In("ranks")]);
        Assert.True(ranks.Code == 0, ranks.All);
        Assert.Equal(0, CommandRun.Of([.. arguments, _scratch.In("alone")]).Code);

        Assert.Equal(Runs("alone"), Runs("ranks"));
        Assert.Equal(8, Runs("ranks").Length);
    }

    [Fact]
    public void A_row_of_the_article_is_that_of_one_process()
    {
        string[] arguments =
            ["reproduce", "--only", "softmax", "--engine", "per-example", "--runs", "2", "--dataset", "builtin", "--out"];

        RanksRun ranks = Launcher.Of("mpirun.openmpi").Run(2, [.. arguments, _scratch.In("ranks")]);
        Assert.True(ranks.Code == 0, ranks.All);
        CommandRun alone = CommandRun.Of([.. arguments, _scratch.In("alone")]);

        Assert.Equal(0, alone.Code);
        Assert.Equal(Seeds("alone", "softmax"), Seeds("ranks", "softmax"));
        Assert.Equal(2, Seeds("ranks", "softmax").Length);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public void What_the_first_rank_refuses_ends_all_at_once(string launcher)
    {
        RanksRun ranks = Launcher.Of(launcher).Run(
            3, "sweep", "--config", _scratch.Config, "--set", "optimizer.learningRate=fast", "--validation", "100");

        Assert.Equal(2, ranks.Code);
        Assert.Single(ranks.All.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal));
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Whether a rank still works in a folder.</summary>
    private static bool IsRunning(string folder)
    {
        using Process find = Process.Start(new ProcessStartInfo("pgrep", ["-f", $"trainer.dll.*{folder}"]) { RedirectStandardOutput = true })!;
        find.WaitForExit();
        return find.ExitCode == 0;
    }

    private int Finished(string folder) => Directory.Exists(_scratch.In(folder, "runs"))
        ? Directory.GetFiles(_scratch.In(folder, "runs"), "*.json").Length
        : 0;

    private string[] Seeds(params string[] folder) =>
    [
        .. Directory.GetDirectories(_scratch.In(folder), "seed-*").Order(StringComparer.Ordinal)
            .Select(seed => Text(JsonNode.Parse(File.ReadAllText(Path.Combine(seed, "result.json")))!)),
    ];

    private string[] Runs(string folder) =>
    [
        .. Directory.GetFiles(_scratch.In(folder, "runs")).Order(StringComparer.Ordinal)
            .Select(run => Text(JsonNode.Parse(File.ReadAllText(run))!)),
    ];

    private string[] Points(string folder, string file, string list) =>
        [.. JsonNode.Parse(File.ReadAllText(_scratch.In(folder, file)))![list]!.AsArray().Select(point => Text(point!))];

    /// <summary>A result without the times in it.</summary>
    private static string Text(JsonNode node)
    {
        switch (node)
        {
            case JsonObject item:
                item.Remove("seconds");
                return "{" + string.Join(',', item.Select(pair => $"{pair.Key}:{(pair.Value is null ? "" : Text(pair.Value))}")) + "}";
            case JsonArray items:
                return "[" + string.Join(',', items.Select(item => item is null ? "" : Text(item))) + "]";
            default:
                return node.ToJsonString();
        }
    }
}
