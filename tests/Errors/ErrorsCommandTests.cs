using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using SkiaSharp;

namespace GpuConvnet.Tests.Errors;

public sealed class ErrorsCommandTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Theory]
    [InlineData("test", 50)]
    [InlineData("train", 200)]
    public void The_errors_are_those_that_eval_counts(string split, int examples)
    {
        CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("run"), "--passes", "1");
        string picture = _scratch.In("errors.png");

        CommandRun run = CommandRun.Of("errors", _scratch.In("run"), "--split", split, "--out", picture, "--json");

        Assert.Equal(0, run.Code);
        JsonNode errors = JsonNode.Parse(run.Output)!;
        JsonNode evaluated = JsonNode.Parse(CommandRun.Of("eval", _scratch.In("run"), "--json").Output)!;
        Assert.Equal(evaluated[split]!.ToJsonString(), errors["evaluation"]!.ToJsonString());
        Assert.Equal((int)evaluated[split]!["misses"]!, errors["misclassified"]!.AsArray().Count);
        Assert.Equal(examples, errors["confusion"]!.AsArray().Sum(row => row!.AsArray().Sum(count => (int)count!)));
        Assert.Equal(
            ["index", "true", "predicted", "confidence", "outputs"],
            errors["misclassified"]![0]!.AsObject().Select(entry => entry.Key));
        Assert.Equal(10, errors["misclassified"]![0]!["outputs"]!.AsArray().Count);
        Assert.Equal((split, picture), ((string)errors["split"]!, (string)errors["picture"]!));
        using SKBitmap sheet = SKBitmap.Decode(picture);
        Assert.NotNull(sheet);
    }

    [Fact]
    public void The_confusion_matrix_is_printed_as_a_table()
    {
        string model = _scratch.In("known.safetensors");
        KnownModel.Save(
            model, "tanh", "mse", KnownModel.Parameters(-1, -1, -1, -1, -1, -1, -1, -1, 1, -1), test: 100);

        CommandRun run = CommandRun.Of("errors", model, "--out", _scratch.In("errors.png"), "--count", "3");

        Assert.Equal((0, ""), (run.Code, run.Error));
        int header = Array.FindIndex(run.OutputLines, line => line.StartsWith("true", StringComparison.Ordinal));
        string[][] rows =
            [.. run.OutputLines.Skip(header + 1).Take(10).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal(Enumerable.Range(0, 10).Select(digit => $"{digit}"), rows.Select(row => row[0]));
        Assert.Equal(100, rows.Sum(row => int.Parse(row[9], provider: null)));
        Assert.All(rows, row => Assert.All(row[1..9], count => Assert.Equal(".", count)));
        Assert.Contains("3 of ", run.OutputLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_is_there_is_replaced_only_by_force()
    {
        string model = _scratch.In("known.safetensors");
        KnownModel.Save(model, "linear", "crossEntropy", KnownModel.Parameters(1), test: 20);
        string picture = _scratch.In("errors.png");
        File.WriteAllText(picture, "mine");

        CommandRun refused = CommandRun.Of("errors", model, "--out", picture);
        Assert.Equal(2, refused.Code);
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(picture));

        Assert.Equal(0, CommandRun.Of("errors", model, "--out", picture, "--force").Code);
        Assert.NotEqual("mine", File.ReadAllText(picture));
    }

    [Fact]
    public void A_folder_of_several_runs_names_one_of_them()
    {
        CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("runs"), "--runs", "2", "--passes", "1");

        CommandRun refused = CommandRun.Of("errors", _scratch.In("runs"));
        Assert.Equal(2, refused.Code);
        Assert.Contains("seed-1337", refused.Error, StringComparison.Ordinal);

        string[] one = ["errors", _scratch.In("runs", "seed-1337"), "--out", _scratch.In("errors.png")];
        Assert.Equal(0, CommandRun.Of(one).Code);
    }

    [Fact]
    public void What_cannot_be_used_is_refused_in_a_line_and_nothing_is_written()
    {
        string corrupt = _scratch.In("corrupt.safetensors");
        KnownModel.Save(corrupt, "tanh", "mse", KnownModel.Parameters(1), test: 20);
        File.WriteAllBytes(corrupt, File.ReadAllBytes(corrupt)[..^1]);
        string whole = _scratch.In("whole.safetensors");
        KnownModel.Save(whole, "tanh", "mse", KnownModel.Parameters(1), test: 20);
        string picture = _scratch.In("errors.png");

        foreach ((string word, string[] arguments) in new (string, string[])[]
        {
            ("no model", [_scratch.In("nowhere")]),
            ("without a model.safetensors", [_scratch.In()]),
            ("not a model", [corrupt]),
            ("'both'", [whole, "--split", "both"]),
            ("from 1 to 1000", [whole, "--count", "0"]),
            ("cannot be written", [whole, "--out", Path.Combine(whole, "errors.png")]),
            ("is a folder; name the file to write", [whole, "--out", _scratch.In(), "--force"]),
        })
        {
            string[] at = arguments.Contains("--out") ? [] : ["--out", picture];
            CommandRun run = CommandRun.Of(["errors", .. at, .. arguments]);
            Assert.Equal(2, run.Code);
            Assert.Contains(word, run.Error, StringComparison.Ordinal);
            Assert.False(File.Exists(picture));
        }
    }

    public void Dispose() => _scratch.Dispose();
}
