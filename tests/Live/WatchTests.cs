using System.Net;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;

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
