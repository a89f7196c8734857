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

    public void Dispose() => _scratch.Dispose();

    private JsonNode Train(params string[] arguments)
    {
        CommandRun run = CommandRun.Of(["--config", _scratch.Config, "--json", .. arguments]);
        Assert.Equal(0, run.Code);
        return JsonNode.Parse(run.Output)!;
    }
}
