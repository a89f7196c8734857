using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Live;

/// <summary>The page of runs that other programs train: by what these write into their folders.</summary>
public sealed class WatchTests : IDisposable
{
    private static readonly CancellationToken s_cancellation = TestContext.Current.CancellationToken;

    private readonly ScratchExperiment _scratch = new(passes: 3);

    [Fact]
    public async Task A_run_is_followed_from_its_beginning_to_its_end()
    {
        Directory.CreateDirectory(_scratch.In("runs"));
        using LiveProgram watch = LiveProgram.Start("watch", _scratch.In("runs"));
        using Stream stream = await watch.Client.GetStreamAsync(watch.WithToken("/events"), s_cancellation);
        using StreamReader reader = new(stream);
        Assert.Equal(0, (int)(await Message(reader, _ => true))["count"]!);

        using LiveProgram training = LiveProgram.Start(
            "--config", Long(), "--out", _scratch.In("runs", "mine"), "--checkpoint-every", "20", "--live");
        JsonNode row = (await Message(reader, IsRow(row => row["curve"]!.AsArray().Count > 2)))["rows"]![0]!;
        Assert.Equal(("mine", "Training"), ((string)row["name"]!, (string)row["state"]!));
        using (HttpResponseMessage parameters = await watch.Client.GetAsync(watch.WithToken("/parameters?run=0"), s_cancellation))
        {
            Assert.Equal(9760 * sizeof(float), (await parameters.Content.ReadAsByteArrayAsync(s_cancellation)).Length);
        }

        training.Interrupt();
        Assert.Equal(130, training.Wait());
        row = (await Message(reader, IsRow(row => (string)row["state"]! == "Interrupted")))["rows"]![0]!;
        JsonNode result = JsonNode.Parse(await File.ReadAllTextAsync(_scratch.In("runs", "mine", "result.json"), s_cancellation))!;
        Assert.Equal((long)result["steps"]!, (long)row["steps"]!);
        Assert.Equal((int)result["test"]!["misses"]!, (int)row["testMisses"]!);
        Assert.False(watch.HasEnded);
        watch.Interrupt();
        Assert.Equal(0, watch.Wait());
    }

    [Fact]
    public async Task Seeds_and_stages_are_runs_of_their_own_and_damaged_files_hide_no_other()
    {
        Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--runs", "2", "--seed", "5", "--out", _scratch.In("runs", "seeds"), "--no-report").Code);
        Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("runs", "torn"), "--no-report").Code);
        Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("runs", "whole"), "--no-report").Code);
        File.WriteAllText(_scratch.In("runs", "torn", "result.json"), "{ \"experiment\"");
        File.WriteAllText(_scratch.In("runs", "torn", "config.json"), "");
        Directory.CreateDirectory(_scratch.In("runs", "no run"));
        using LiveProgram watch = LiveProgram.Start("watch", _scratch.In("runs"));

        using Stream stream = await watch.Client.GetStreamAsync(watch.WithToken("/events"), s_cancellation);
        using StreamReader reader = new(stream);
        JsonNode[] rows = [.. (await Message(reader, _ => true))["rows"]!.AsArray().OfType<JsonNode>()];

        Assert.Equal(["seeds/seed-5", "seeds/seed-6", "whole"], rows.Select(row => (string)row["name"]!));
        Assert.All(rows, row => Assert.Equal("Finished", (string)row["state"]!));
        JsonNode subject = JsonNode.Parse(await watch.Client.GetStringAsync(watch.WithToken("/run?run=2"), s_cancellation))!;
        Assert.Equal(50, subject["samples"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_run_that_was_killed_is_stopped_and_one_that_goes_on_with_it_trains()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows removes the lock's file with the program.");
        string run = _scratch.In("runs", "killed");
        using Process training = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "trainer.dll"), "--config", Long(), "--out", run, "--checkpoint-every", "20"])
            {
                RedirectStandardOutput = true,
            })!;
        _ = training.StandardOutput.ReadToEndAsync(s_cancellation);
        Assert.True(SpinWait.SpinUntil(() => Directory.Exists(Path.Combine(run, "checkpoints")), TimeSpan.FromSeconds(30)));
        using LiveProgram watch = LiveProgram.Start("watch", _scratch.In("runs"));
        using Stream stream = await watch.Client.GetStreamAsync(watch.WithToken("/events"), s_cancellation);
        using StreamReader reader = new(stream);
        await Message(reader, IsRow(row => (string)row["state"]! == "Training"));

        training.Kill();
        await training.WaitForExitAsync(s_cancellation);
        Assert.True(File.Exists(Path.Combine(run, ".lock")));
        JsonNode row = (await Message(reader, IsRow(row => (string)row["state"]! == "Stopped")))["rows"]![0]!;
        Assert.Contains("ended without a word", (string)row["message"]!, StringComparison.Ordinal);

        using LiveProgram resumed = LiveProgram.Start("--resume", run, "--live");
        row = (await Message(reader, IsRow(row => (string)row["state"]! == "Training")))["rows"]![0]!;
        Assert.Equal(0, (int)row["edition"]!);
    }

    [Fact]
    public async Task A_new_run_in_a_folder_takes_the_place_of_the_one_that_was_there()
    {
        string run = _scratch.In("runs", "one");
        Train(run, "--passes", "2");
        using LiveProgram watch = LiveProgram.Start("watch", _scratch.In("runs"));
        using Stream stream = await watch.Client.GetStreamAsync(watch.WithToken("/events"), s_cancellation);
        using StreamReader reader = new(stream);
        JsonNode row = (await Message(reader, IsRow(row => (string)row["state"]! == "Finished")))["rows"]![0]!;
        Assert.Equal((0, 400), ((int)row["edition"]!, (int)row["total"]!));

        // Another experiment, the same one once more, and a longer one of the last.
        Directory.Delete(run, recursive: true);
        Train(run, "--passes", "3");
        row = (await Message(reader, IsRow(row => (int)row["edition"]! == 1 && (string)row["state"]! == "Finished")))["rows"]![0]!;
        Assert.Equal((0, 600, 600), ((int)row["run"]!, (int)row["total"]!, (int)row["steps"]!));
        Assert.Equal(3, row["curve"]!.AsArray().Count);
        Directory.Delete(run, recursive: true);
        Train(run, "--passes", "3");
        await Message(reader, IsRow(row => (int)row["edition"]! == 2 && (string)row["state"]! == "Finished"));
        Assert.Equal(0, CommandRun.Of("--resume", run, "--passes", "5", "--no-report").Code);
        await Message(reader, IsRow(row => (int)row["edition"]! == 3 && (int)row["steps"]! == 1000));

        foreach (string path in (string[])["/run", "/parameters", "/digits"])
        {
            using HttpResponseMessage old = await watch.Client.GetAsync(watch.WithToken($"{path}?run=0&edition=0&of=1"), s_cancellation);
            Assert.False(old.IsSuccessStatusCode);
            using HttpResponseMessage now = await watch.Client.GetAsync(watch.WithToken($"{path}?run=0&edition=3&of=1"), s_cancellation);
            Assert.Equal(HttpStatusCode.OK, now.StatusCode);
        }
    }

    [Fact]
    public async Task A_sweeps_runs_are_listed_as_they_are_finished()
    {
        string[] sweep =
        [
            "sweep", "--config", _scratch.Config, "--validation", "100", "--runs", "2", "--set", "optimizer.learningRate=0.01,0.03",
            "--jobs", "1", "--out", _scratch.In("rates"),
        ];
        using (CancellationTokenSource interruption = new())
        using (CancellingWriter output = new("1 of 4 runs finished", interruption))
        {
            Assert.Equal(130, TrainerCommandLine.Run(sweep, output, TextWriter.Null, interruption.Token));
        }

        using LiveProgram watch = LiveProgram.Start("watch", _scratch.In("rates"));
        using Stream stream = await watch.Client.GetStreamAsync(watch.WithToken("/events"), s_cancellation);
        using StreamReader reader = new(stream);
        JsonNode first = await Message(reader, _ => true);
        Assert.Equal("1 of 4 runs of this sweep are finished, and no program goes on with it now.", (string)first["message"]!);
        JsonNode row = Assert.Single(first["rows"]!.AsArray())!;
        Assert.Equal(("optimizer.learningRate=0.01 seed=1337", "Finished", 600), ((string)row["name"]!, (string)row["state"]!, (int)row["steps"]!));

        Assert.Equal(0, CommandRun.Of(sweep).Code);
        JsonNode message = await Message(reader, message => ((string)message["message"]!).StartsWith("4 of 4 runs", StringComparison.Ordinal));
        Assert.Equal(4, (int)message["count"]!);
        JsonNode result = JsonNode.Parse(await File.ReadAllTextAsync(_scratch.In("rates", "runs", "point-2-seed-1338.json"), s_cancellation))!;
        JsonNode last = await Row(watch, "optimizer.learningRate=0.03 seed=1338");
        Assert.Equal((int)result["validation"]!["misses"]!, (int)last["testMisses"]!);
        Assert.Equal((int)result["train"]!["misses"]!, (int)last["trainMisses"]!);
        JsonNode subject = JsonNode.Parse(await watch.Client.GetStringAsync(watch.WithToken($"/run?run={last["run"]}"), s_cancellation))!;
        Assert.Equal(("validation", 3.0), ((string)subject["tested"]!, (double)subject["end"]!));
    }

    [Fact]
    public async Task A_grids_runs_are_listed_too()
    {
        string grid = _scratch.Write("grid.json", new JsonObject
        {
            ["base"] = _scratch.Config,
            ["widths"] = new JsonArray(0.5, 1),
            ["learningRates"] = new JsonArray(0.05, 0.03),
            ["train"] = new JsonArray(60),
            ["seeds"] = new JsonArray(1),
        });
        Assert.Equal(0, CommandRun.Of("scale", grid, "--out", _scratch.In("scale")).Code);
        using LiveProgram watch = LiveProgram.Start("watch", _scratch.In("scale"));

        JsonNode row = await Row(watch, "width 0.5, 60 digits, seed 1");
        JsonNode subject = JsonNode.Parse(await watch.Client.GetStringAsync(watch.WithToken($"/run?run={row["run"]}"), s_cancellation))!;

        Assert.Equal(("Finished", 180), ((string)row["state"]!, (int)row["steps"]!));
        Assert.InRange((int)subject["parameterCount"]!, 1_000, 9_000);
    }

    /// <summary>What 'reproduce' and its timeline leave: a folder per experiment, and in it one per seed.</summary>
    [Fact]
    public async Task The_runs_of_a_reproduction_are_followed_as_any_others()
    {
        Train(_scratch.In("table", "base", "seed-1"), "--seed", "1");
        Train(_scratch.In("table", "shift", "seed-1"), "--seed", "1");
        File.WriteAllText(_scratch.In("table", "table.md"), "");
        using LiveProgram watch = LiveProgram.Start("watch", _scratch.In("table"));

        Assert.Equal("Finished", (string)(await Row(watch, "base/seed-1"))["state"]!);
        Assert.Equal(600, (int)(await Row(watch, "shift/seed-1"))["steps"]!);
    }

    [Theory]
    [InlineData("/stop")]
    [InlineData("/pause")]
    public void What_others_train_is_out_of_reach(string command)
    {
        Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("run"), "--no-report").Code);
        using LiveProgram watch = LiveProgram.Start("watch", _scratch.In("run"));

        using HttpResponseMessage answer = watch.Command(command);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_refused()
    {
        CommandRun run = CommandRun.Of("watch", _scratch.In("nothing"));

        Assert.Equal(2, run.Code);
        Assert.Contains("is not a folder. Name a run's folder", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private void Train(string run, params string[] more) =>
        Assert.Equal(0, CommandRun.Of(["--config", _scratch.Config, "--out", run, "--no-report", .. more]).Code);

    /// <summary>A row of the table, as a page that comes now is told.</summary>
    private static async Task<JsonNode> Row(LiveProgram watch, string name)
    {
        using Stream stream = await watch.Client.GetStreamAsync(watch.WithToken("/events"), s_cancellation);
        using StreamReader reader = new(stream);
        JsonNode message = await Message(reader, _ => true);
        return message["rows"]!.AsArray().Single(row => (string)row!["name"]! == name)!;
    }

    private static Func<JsonNode, bool> IsRow(Func<JsonNode, bool> condition) =>
        message => message["rows"]!.AsArray() is [{ } row] && condition(row);

    private static async Task<JsonNode> Message(StreamReader reader, Func<JsonNode, bool> condition)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(s_cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            string line = await reader.ReadLineAsync(patience.Token) ?? throw new EndOfStreamException("The server has hung up.");
            if (line.StartsWith("data: ", StringComparison.Ordinal) && JsonNode.Parse(line["data: ".Length..])! is { } message && condition(message))
            {
                return message;
            }
        }
    }

    private string Long() => _scratch.Write("long.json", new JsonObject
    {
        ["experiment"] = "long",
        ["dataset"] = "builtin",
        ["train"] = 200,
        ["test"] = 50,
        ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.001 },
        ["passes"] = 100_000,
    });
}
