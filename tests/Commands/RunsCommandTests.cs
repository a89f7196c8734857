using System.Text.Json.Nodes;
using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Commands;

/// <summary>The list of saved runs.</summary>
public sealed class RunsCommandTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new(passes: 3);

    [Fact]
    public void Runs_are_listed_newest_first_with_how_they_did()
    {
        string runs = _scratch.In("runs");
        JsonNode first = Train("--out", Path.Combine(runs, "first"), "--seed", "5");
        JsonNode second = Train("--out", Path.Combine(runs, "second"), "--runs", "2");

        JsonArray list = JsonNode.Parse(CommandRun.Of("runs", runs, "--json").Output)!.AsArray();
        string[] table = CommandRun.Of("runs", runs).OutputLines;

        Assert.Equal(["second", "first"], list.Select(run => Path.GetFileName((string)run!["folder"]!)));
        Assert.All(list, run => Assert.Equal(("Finished", "small"), ((string)run!["state"]!, (string)run["experiment"]!)));
        Assert.Equal((1, 2), ((int)list[1]!["runs"]!, (int)list[0]!["runs"]!));
        Assert.Equal((int)first["test"]!["misses"]!, (double)list[1]!["testMisses"]!["mean"]!);
        Assert.Equal((double)second["summary"]!["testMisses"]!["mean"]!, (double)list[0]!["testMisses"]!["mean"]!);
        Assert.Equal(3, table.Length);
        Assert.EndsWith("finished", table[1], StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_can_go_on_says_how()
    {
        string stopped = _scratch.In("stopped");
        using CancellationTokenSource interruption = new();
        using CancellingWriter output = new("eval: split test", interruption);
        using StringWriter error = new();
        Assert.Equal(130, TrainerCommandLine.Run(
            ["--config", _scratch.Config, "--out", stopped], output, error, interruption.Token));
        Assert.Contains($"interrupted; goes on with --resume {stopped}", CommandRun.Of("runs", stopped).Output, StringComparison.Ordinal);

        // Killed, it would have left no result.
        File.Delete(Path.Combine(stopped, "result.json"));
        JsonNode killed = JsonNode.Parse(CommandRun.Of("runs", stopped, "--json").Output)![0]!;

        Assert.Equal("Unfinished", (string)killed["state"]!);
        Assert.Equal((200, 600), ((long)killed["steps"]!, (long)killed["totalSteps"]!));
        Assert.NotNull(killed["testMisses"]);
    }

    [Fact]
    public void A_damaged_one_is_listed_as_such_and_what_is_none_is_refused()
    {
        Train("--out", _scratch.In("runs", "good"));
        Directory.CreateDirectory(_scratch.In("runs", "bad"));
        File.WriteAllText(_scratch.In("runs", "bad", "result.json"), "{");
        Directory.CreateDirectory(_scratch.In("runs", "empty"));

        CommandRun listed = CommandRun.Of("runs", _scratch.In("runs"));
        CommandRun refused = CommandRun.Of("runs", _scratch.In("nowhere"));

        Assert.Equal(0, listed.Code);
        Assert.Contains("finished", listed.Output, StringComparison.Ordinal);
        Assert.Contains("bad", listed.Output, StringComparison.Ordinal);
        Assert.Contains("There is no", listed.Output, StringComparison.Ordinal);
        Assert.Equal(2, refused.Code);
        Assert.Contains("is not a folder", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_runs_among_runs_says_how_they_are_listed()
    {
        string tour = _scratch.In("runs", "tour");
        Train("--out", Path.Combine(tour, "base"));

        CommandRun listed = CommandRun.Of("runs", _scratch.In("runs"));

        Assert.Contains($"Runs are in its folders: 'trainer runs {tour}' lists them.", listed.Output, StringComparison.Ordinal);
        Assert.Contains("base", CommandRun.Of("runs", tour).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_on_validation_digits_says_so()
    {
        Train("--out", _scratch.In("runs", "chosen"), "--validation", "70");
        Train("--out", _scratch.In("runs", "tested"));

        string[] table = CommandRun.Of("runs", _scratch.In("runs")).OutputLines;
        JsonArray list = JsonNode.Parse(CommandRun.Of("runs", _scratch.In("runs"), "--json").Output)!.AsArray();

        Assert.EndsWith("  on validation digits; finished", table.Single(line => line.Contains("chosen", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("validation", table.Single(line => line.Contains("tested", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal([null, "validation"], list.Select(run => (string?)run!["testedOn"]).Order());
    }

    [Fact]
    public void A_sweep_and_a_reproduction_have_tables_of_their_own()
    {
        string runs = _scratch.In("runs");
        Train("--out", Path.Combine(runs, "single"));
        Train("--out", Path.Combine(runs, "reproduced", "1989-base", "seed-1"));
        CommandRun sweep = CommandRun.Of(
            "sweep", "--config", _scratch.Config, "--set", "optimizer.learningRate=0.03", "--runs", "1", "--validation", "70", "--out",
            Path.Combine(runs, "sweep"));
        Assert.True(sweep.Code == 0, sweep.Error);

        string[] all = CommandRun.Of("runs", runs).OutputLines;
        string[] reproduced = CommandRun.Of("runs", Path.Combine(runs, "reproduced")).OutputLines;

        Assert.Equal(2, all.Length);
        Assert.Contains("single", all[1], StringComparison.Ordinal);
        Assert.Equal(2, reproduced.Length);
        Assert.Contains("seed-1", reproduced[1], StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(runs, "sweep", "test")));
    }

    public void Dispose() => _scratch.Dispose();

    private JsonNode Train(params string[] arguments)
    {
        CommandRun run = CommandRun.Of(["--config", _scratch.Config, "--json", .. arguments]);
        Assert.Equal(0, run.Code);
        return JsonNode.Parse(run.Output)!;
    }
}
