using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Data;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Streams;

/// <summary>Texts from everywhere, on their way to a terminal.</summary>
[Collection(nameof(EnvironmentVariables))]
public sealed class ForeignTextTests : IDisposable
{
    private const string Title = "\u001b]0;owned\u0007";
    private const string Turned = "\u202etxt";

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void An_experiments_name_with_orders_to_terminals_is_refused_and_shown_without_them()
    {
        foreach (string name in (string[])[Title, Turned, "two\nlines", new string('a', 201)])
        {
            JsonNode json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
            json["experiment"] = name;

            CommandRun run = CommandRun.Of("--config", _scratch.Write("named.json", json));

            Assert.Equal(2, run.Code);
            Assert.Contains("$.experiment", run.Error, StringComparison.Ordinal);
            AssertHarmless(run);
        }
    }

    [Fact]
    public void Options_and_files_with_such_names_are_shown_without_orders()
    {
        AssertHarmless(CommandRun.Of("--config", $"{Title}.json"));
        AssertHarmless(CommandRun.Of($"--{Title}"));
        AssertHarmless(CommandRun.Of("eval", $"{Turned}{Title}"));
        AssertHarmless(CommandRun.Of("runs", Title));
        AssertHarmless(CommandRun.Of("predict", $"{Title}.png"));
        AssertHarmless(CommandRun.Of("--json", "--config", $"{Turned}.json"));
    }

    [Fact]
    public void A_folder_and_a_models_words_are_shown_without_orders_and_json_still_says_them()
    {
        Assert.Equal(0, CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("runs", "one")).Code);
        string folder = _scratch.In("runs", $"{Turned}{(OperatingSystem.IsWindows() ? "" : Title)}");
        Directory.Move(_scratch.In("runs", "one"), folder);

        CommandRun list = CommandRun.Of("runs", _scratch.In("runs"));
        Assert.Equal(0, list.Code);
        AssertHarmless(list);
        CommandRun json = CommandRun.Of("runs", _scratch.In("runs"), "--json");
        AssertHarmless(json);
        Assert.Equal(folder, (string?)JsonNode.Parse(json.Output)![0]!["folder"]);

        string path = Path.Combine(folder, Safetensors.DefaultName);
        SavedModel model = Safetensors.Read(path);
        Dictionary<string, string> metadata = new(model.Metadata) { ["experiment"] = $"{Title}{Turned}", ["loss"] = Title };
        using (FileStream stream = File.Create(path))
        {
            Safetensors.Write(stream, model with { Metadata = metadata });
        }

        CommandRun eval = CommandRun.Of("eval", path);
        AssertHarmless(eval);
    }

    [Fact]
    public void What_a_server_answers_is_shown_without_orders()
    {
        using LocalMirror mirror = new(MirrorAnswer.Of(404) with { Reason = $"{Title}\u009b31m" });
        using ScratchEnvironment environment = new();
        environment.Set(MnistDownload.Variable, mirror.Address.ToString());
        Directory.CreateDirectory(_scratch.In("data"));

        CommandRun run = CommandRun.Of("data", "fetch", "--data", _scratch.In("data"));

        Assert.Equal(1, run.Code);
        Assert.NotEmpty(mirror.Requests);
        AssertHarmless(run);
    }

    public void Dispose() => _scratch.Dispose();

    private static void AssertHarmless(CommandRun run)
    {
        string all = run.Output + run.Error;
        Assert.NotEmpty(all);
        Assert.Equal(-1, all.AsSpan().IndexOfAny("\u001b\u0007\u009b\u202e"));
    }
}
