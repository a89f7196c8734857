using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Errors;
using SkiaSharp;

namespace GpuConvnet.Tests.Rejection;

/// <summary><c>trainer eval --reject</c>, on trained networks and on those whose answers are known.</summary>
public sealed class RejectCommandTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    private string Model => _scratch.In("known.safetensors");

    private string Stem => _scratch.In("curve");

    [Fact]
    public void The_curve_begins_with_the_misses_of_the_evaluation_and_a_threshold_of_it_does_what_it_says()
    {
        CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("run"), "--passes", "2");

        JsonNode first = Json("--split", "test", "--reject", "--reject-to", "10");
        JsonNode curve = first["rejection"]!["test"]!["curve"]!;
        JsonNode least = first["rejection"]!["test"]!["forTarget"]!;
        double threshold = (double)least["threshold"]!;
        JsonNode second = Json(
            "--split", "test", "--reject", "--reject-below", threshold.ToString("R", provider: null), "--force");

        Assert.Equal((int)first["test"]!["misses"]!, (int)curve[0]!["misses"]!);
        Assert.Equal((double)first["test"]!["errorPercent"]!, (double)curve[0]!["errorPercent"]!);
        Assert.InRange((int)least["rejected"]!, 1, 49);
        Assert.True((double)least["errorPercent"]! <= 10);
        Assert.Contains(curve.AsArray(), point => JsonNode.DeepEquals(point, least));
        Assert.Equal(("outputs", 10.0), ((string)first["rejection"]!["marginOf"]!, (double)first["rejection"]!["targetErrorPercent"]!));
        Assert.True(JsonNode.DeepEquals(least, second["rejection"]!["test"]!["atThreshold"]));
        Assert.Null(first["rejection"]!["train"]);
        Assert.Null(first["rejection"]!["test"]!["atThreshold"]);

        JsonNode Json(params string[] arguments)
        {
            CommandRun run = CommandRun.Of(["eval", _scratch.In("run"), "--json", "--out", Stem, .. arguments]);
            Assert.Equal(0, run.Code);
            return JsonNode.Parse(run.Output)!;
        }
    }

    [Fact]
    public void Both_splits_have_a_table_and_a_line_and_the_picture_is_there_twice()
    {
        CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("run"), "--passes", "2");

        CommandRun run = CommandRun.Of("eval", _scratch.In("run"), "--reject", "--reject-to", "10", "--out", Stem + ".png");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(
            ["training", "test"],
            run.OutputLines.Where(line => line.Contains("rejected by their margin", StringComparison.Ordinal))
                .Select(line => line.Split(' ')[0]));
        Assert.Equal(2, run.OutputLines.Count(line => line.StartsWith("at most 10% errors: ", StringComparison.Ordinal)));
        Assert.Equal(2, run.OutputLines.Count(line => line.EndsWith("<- the least for 10%", StringComparison.Ordinal)));
        Assert.Equal([$"saved: {Stem}.png", $"saved: {Stem}.svg"], run.OutputLines[^2..]);
        using SKBitmap picture = SKBitmap.Decode(Stem + ".png");
        Assert.Equal((1800, 1120), (picture.Width, picture.Height));
        string svg = File.ReadAllText(Stem + ".svg");
        Assert.Contains("LeCun et al. 1989", svg, StringComparison.Ordinal);
        Assert.Contains("training digits", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Digits_of_one_margin_are_rejected_together_or_not_at_all()
    {
        // Whatever it is shown: an 8, by the same margin.
        KnownModel.Save(Model, "linear", "crossEntropy", KnownModel.Parameters(0, 0, 0, 0, 0, 0, 0, 0, 1, 0), test: 100);
        CommandRun run = CommandRun.Of(
            "eval", Model, "--split", "test", "--reject", "--reject-below", "0.5", "--out", Stem, "--json");

        JsonNode rejection = JsonNode.Parse(run.Output)!["rejection"]!;
        Assert.Equal("probabilities", (string)rejection["marginOf"]!);
        Assert.Single(rejection["test"]!["curve"]!.AsArray());
        Assert.Null(rejection["test"]!["forTarget"]);
        JsonNode all = rejection["test"]!["atThreshold"]!;
        Assert.Equal((100, 0, 0), ((int)all["rejected"]!, (int)all["kept"]!, (int)all["misses"]!));
        Assert.Null(all["errorPercent"]);
        Assert.Contains("no threshold leaves so few", run.Error, StringComparison.Ordinal);
        Assert.Contains("--reject-below 0.5 rejects 100.00% of the test digits and keeps none", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_needs_to_be_rejected_where_the_errors_are_few_enough()
    {
        KnownModel.Save(Model, "tanh", "mse", KnownModel.Parameters(1), test: 20);

        CommandRun run = CommandRun.Of("eval", Model, "--split", "test", "--reject", "--reject-to", "100", "--out", Stem);

        Assert.Contains("at most 100% errors: nothing needs to be rejected", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_threshold_is_chosen_on_validation_digits_and_tried_on_the_test_split()
    {
        CommandRun.Of("--config", _scratch.Config, "--validation", "70", "--out", _scratch.In("held"), "--passes", "2");

        CommandRun chosen = CommandRun.Of(
            "eval", _scratch.In("held"), "--split", "validation", "--reject", "--reject-to", "10", "--out", Stem, "--json");
        JsonNode rejection = JsonNode.Parse(chosen.Output)!["rejection"]!;
        string threshold = rejection["test"]!["forTarget"]!["threshold"]!.ToJsonString();
        CommandRun tried = CommandRun.Of(
            "eval", _scratch.In("held"), "--split", "test", "--reject", "--reject-below", threshold, "--out", Stem, "--force");

        Assert.Contains("validation digits, rejected by their margin", chosen.Error, StringComparison.Ordinal);
        Assert.Equal(70, (int)rejection["test"]!["curve"]![0]!["kept"]!);
        Assert.Equal((0, ""), (tried.Code, tried.Error));
        Assert.Contains($"--reject-below {threshold} rejects ", tried.Output, StringComparison.Ordinal);
        Assert.Contains("% of the test digits and leaves ", tried.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_network_has_a_curve()
    {
        JsonNode experiment = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        experiment["network"] = JsonNode.Parse("""{ "layers": [ { "kind": "dense", "units": 10 } ] }""");
        experiment["loss"] = "crossEntropy";
        CommandRun trained = CommandRun.Of("--config", _scratch.Write("any.json", experiment), "--out", _scratch.In("any"));
        Assert.Equal((0, ""), (trained.Code, trained.Error));

        CommandRun run = CommandRun.Of("eval", _scratch.In("any"), "--split", "test", "--reject", "--out", Stem, "--json");

        JsonNode evaluation = JsonNode.Parse(run.Output)!;
        Assert.Equal("probabilities", (string)evaluation["rejection"]!["marginOf"]!);
        Assert.Equal((int)evaluation["test"]!["misses"]!, (int)evaluation["rejection"]!["test"]!["curve"]![0]!["misses"]!);
    }

    [Fact]
    public void Without_the_option_there_is_nothing_of_it()
    {
        KnownModel.Save(Model, "tanh", "mse", KnownModel.Parameters(1), test: 20);

        CommandRun run = CommandRun.Of("eval", Model, "--json");

        Assert.False(JsonNode.Parse(run.Output)!.AsObject().ContainsKey("rejection"));
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".svg")]
    public void A_picture_that_is_there_is_replaced_only_by_force(string ending)
    {
        KnownModel.Save(Model, "tanh", "mse", KnownModel.Parameters(1), test: 20);
        File.WriteAllText(Stem + ending, "mine");

        CommandRun refused = CommandRun.Of("eval", Model, "--reject", "--out", Stem + ".png");
        Assert.Equal(2, refused.Code);
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Stem + ending));
        Assert.Single(Directory.GetFiles(_scratch.In(), "curve*"));

        Assert.Equal(0, CommandRun.Of("eval", Model, "--reject", "--out", Stem + ".png", "--force").Code);
        Assert.NotEqual("mine", File.ReadAllText(Stem + ending));
        Assert.Equal(2, Directory.GetFiles(_scratch.In(), "curve*").Length);
    }

    [Theory]
    [InlineData("from 0 to 100, not '101'", "--reject", "--reject-to", "101")]
    [InlineData("from 0 to 100, not '1%'", "--reject", "--reject-to", "1%")]
    [InlineData("0 or more, not '-1'", "--reject", "--reject-below", "-1")]
    [InlineData("0 or more, not 'NaN'", "--reject", "--reject-below", "NaN")]
    [InlineData("from 0 to 1. ", "--reject", "--reject-below", "1.5")]
    [InlineData("--reject-to belongs to --reject", "--reject-to", "2")]
    [InlineData("--reject-below belongs to --reject", "--reject-below", "0.5")]
    [InlineData("--out belongs to --reject", "--out", "x.png")]
    [InlineData("--force belongs to --reject", "--force")]
    [InlineData("is a folder; name the file to write", "--reject", "--out", "FOLDER")]
    [InlineData("cannot be written", "--reject", "--out", "FOLDER/known.safetensors/curve")]
    public void What_makes_no_sense_is_refused_and_nothing_is_written(string message, params string[] arguments)
    {
        KnownModel.Save(Model, "linear", "crossEntropy", KnownModel.Parameters(1), test: 20);
        string[] at = arguments.Contains("--out") || !arguments.Contains("--reject") ? [] : ["--out", Stem];

        CommandRun run = CommandRun.Of(
            ["eval", Model, .. at, .. arguments.Select(word => word.Replace("FOLDER", _scratch.In(), StringComparison.Ordinal))]);

        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFileSystemEntries(_scratch.In()).Length);
    }

    public void Dispose() => _scratch.Dispose();
}
