using System.Text.Json;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Commands;

namespace GpuConvnet.Tests.Scaling;

/// <summary>Small grids on built-in digits by the command line.</summary>
public sealed class ScaleCommandTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void Every_point_is_trained_with_every_seed_printed_and_saved()
    {
        CommandRun run = Scale(Grid());

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("grid: widths 0.5, 1 x 100, 200 digits x 2 seeds", run.Output, StringComparison.Ordinal);
        Assert.Contains("8 of 8 runs finished", run.Output, StringComparison.Ordinal);
        Assert.Contains("by the path that is cut for the network of 1989, others layer by layer", run.Output, StringComparison.Ordinal);
        Assert.Contains("a doubling leaves", run.Output, StringComparison.Ordinal);
        Assert.Equal(8, Directory.GetFiles(_scratch.In("s", "runs")).Length);
        Assert.False(File.Exists(_scratch.In("s", ".lock")));
        JsonNode result = Result("s");
        Assert.Equal((8, 50), ((int)result["runs"]!, (int)result["testDigits"]!));
        JsonArray points = result["points"]!.AsArray();
        Assert.Equal(
            [(0.5, 2_845, 100), (0.5, 2_845, 200), (1, 9_760, 100), (1, 9_760, 200)],
            points.Select(point => ((double)point!["width"]!, (int)point["parameters"]!, (int)point["digits"]!)));
        Assert.All(points, point => Assert.Equal([1, 2], point!["seeds"]!.AsArray().Select(seed => (int)seed!)));

        // Two passes, forward.
        Assert.Equal(2 * 100 * (long)points[2]!["operations"]!, (double)points[2]!["compute"]!);
        Assert.Equal(63_660, (long)points[2]!["operations"]!);
        string page = File.ReadAllText(_scratch.In("s", "report.html"));
        Assert.Equal(6, page.Split("src=\"data:image/svg+xml;base64,").Length - 1);
        Assert.Equal(2, page.Split("<table>").Length - 1);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
        foreach (string name in new[] { "error-by-parameters", "error-by-digits", "error-by-compute" })
        {
            Assert.Contains($"]({name}.png)", File.ReadAllText(_scratch.In("s", "scaling.md")), StringComparison.Ordinal);
            Assert.Equal([0x89, 0x50, 0x4E, 0x47], File.ReadAllBytes(_scratch.In("s", name + ".png"))[..4]);
            Assert.Contains("<svg", File.ReadAllText(_scratch.In("s", name + ".svg")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_run_of_a_grid_is_the_run_that_the_same_settings_give_alone()
    {
        Scale(Grid());
        JsonObject json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        json["network"] = new JsonObject { ["family"] = "1989", ["width"] = 0.5 };
        json["train"] = 100;

        JsonNode alone = JsonNode.Parse(
            CommandRun.Of("--config", _scratch.Write("alone.json", json), "-a", "host", "--seed", "2", "--json").Output)!;

        JsonNode run = Read("s", "runs", "width-0.5-digits-100-seed-2.json");
        Assert.Equal((string)alone["parametersSha256"]!, (string)run["parametersSha256"]!);
        Assert.Equal(alone["test"]!.ToJsonString(), run["test"]!.ToJsonString());
    }

    [Fact]
    public void A_learning_rate_per_width_is_that_width_s_and_another_makes_another_run()
    {
        string grid = _scratch.In("rates.json");
        void Write(string rates) => File.WriteAllText(
            grid, $$"""{ "base": "small.json", "widths": [1, 0.5], "learningRates": {{rates}}, "train": [100], "seeds": [1] }""");
        Write("[0.002, 0.004]");
        Assert.Equal(0, Scale(grid).Code);
        Assert.Equal(0.004, (double)Read("s", "runs", "width-0.5-digits-100-seed-1-rate-0.004.json")["learningRate"]!);
        JsonNode first = Read("s", "runs", "width-1-digits-100-seed-1-rate-0.002.json");

        Write("[0.003, 0.004]");
        CommandRun again = Scale(grid);

        Assert.Contains("going on: 1 run of this grid finished already", again.Output, StringComparison.Ordinal);
        JsonNode second = Read("s", "runs", "width-1-digits-100-seed-1-rate-0.003.json");
        Assert.NotEqual((string)first["parametersSha256"]!, (string)second["parametersSha256"]!);
        Write("[0.003]");
        Assert.Contains("$.learningRates: expected a learning rate per width, 2 of them, found 1", Scale(grid).Error, StringComparison.Ordinal);
        Write("[0.003, -1]");
        Assert.Contains("$.learningRates[1]: expected a number above 0 and up to 100, found -1", Scale(grid).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_grid_that_was_stopped_goes_on_and_gives_the_same_points()
    {
        using CancellationTokenSource interruption = new();
        using CancellingWriter output = new("3 of 8 runs finished", interruption);
        using StringWriter error = new();
        int code = TrainerCommandLine.Run(Arguments(Grid(), "--jobs", "1"), output, error, interruption.Token);

        Assert.Equal(130, code);
        Assert.True((bool)Result("s")["interrupted"]!);
        Dictionary<string, DateTime> finished = Directory.GetFiles(_scratch.In("s", "runs")).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        Assert.Equal(3, finished.Count);

        CommandRun resumed = Scale(Grid());
        Scale(Grid(), "--jobs", "1", "--out", _scratch.In("whole"));

        Assert.Equal(0, resumed.Code);
        Assert.Contains("going on: 3 runs of this grid finished already", resumed.Output, StringComparison.Ordinal);
        Assert.Contains("5 of 5 runs finished", resumed.Output, StringComparison.Ordinal);
        Assert.All(finished, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));
        Assert.Equal(Errors("whole"), Errors("s"));
    }

    [Fact]
    public void A_larger_grid_trains_only_what_is_new()
    {
        Scale(Grid());

        CommandRun again = Scale(Grid());
        CommandRun larger = Scale(Grid(seeds: [1, 2, 3]));

        Assert.Equal((0, 0), (again.Code, larger.Code));
        Assert.DoesNotContain("runs finished,", again.Output, StringComparison.Ordinal);
        Assert.Contains("4 of 4 runs finished", larger.Output, StringComparison.Ordinal);
        Assert.Equal(12, (int)Result("s")["runs"]!);
    }

    [Fact]
    public void An_interruption_before_training_leaves_nothing_behind()
    {
        CommandRun run = CommandRun.Of(new CancellationToken(canceled: true), Arguments(Grid()));

        Assert.Equal(130, run.Code);
        Assert.False(Directory.Exists(_scratch.In("s")));
    }

    [Fact]
    public void The_folder_of_another_base_or_of_something_else_is_refused()
    {
        Scale(Grid());
        JsonObject json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        json["passes"] = 3;
        _scratch.Write("small.json", json);

        CommandRun other = Scale(Grid());
        CommandRun strange = Scale(Grid(), "--out", _scratch.In());

        Assert.Equal((2, 2), (other.Code, strange.Code));
        Assert.Contains("holds runs of another base experiment", other.Error, StringComparison.Ordinal);
        Assert.Contains("is no folder of 'trainer scale'", strange.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_run_is_named_kept_and_made_again()
    {
        Scale(Grid());
        string file = _scratch.In("s", "runs", "width-1-digits-100-seed-1.json");
        File.WriteAllText(file, "{}");

        CommandRun run = Scale(Grid());

        Assert.Equal(0, run.Code);
        Assert.Contains($"{file} cannot be read", run.Output, StringComparison.Ordinal);
        Assert.Equal("{}", File.ReadAllText(file + ".damaged"));
        Assert.NotEqual("{}", File.ReadAllText(file));
    }

    [Fact]
    public void Runs_that_diverge_are_counted_and_a_grid_of_them_fails()
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        json["hidden"] = "relu";
        json["output"] = "linear";
        json["optimizer"]!["learningRate"] = 100;
        _scratch.Write("small.json", json);

        CommandRun run = Scale(Grid());

        Assert.Equal(1, run.Code);
        Assert.Contains("Every run diverged.", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, (int)Result("s")["points"]![0]!["diverged"]!);
        Assert.Empty(Result("s")["fits"]!.AsArray());
    }

    [Theory]
    [InlineData(""" "widths": [0.5, 0.3], "train": [100], "seeds": [1]""", ":3: $.widths[1]: 0.3 in small: $.network.width: expected a width")]
    [InlineData(""" "widths": [0.5, 99], "train": [100], "seeds": [1]""", ":3: $.widths[1]: 99 in small: $.network.width: expected a number")]
    [InlineData(""" "widths": [1], "train": [100, 0], "seeds": [1]""", ":3: $.train[1]: 0 in small: $.train: expected a whole number")]
    [InlineData(""" "widths": [1], "train": [100], "seeds": []""", ":3: $.seeds: expected a list of 1 to 1000 values, found 0")]
    [InlineData(""" "widths": [1, 2, 1], "train": [100], "seeds": [1]""", ":3: $.widths[2]: 1 is there twice; remove one")]
    [InlineData(""" "widths": ["wide"], "train": [100], "seeds": [1]""", ":3: $.widths[0]: expected a number, found \"wide\"")]
    [InlineData(""" "widths": 1, "train": [100], "seeds": [1]""", ":3: $.widths: expected a list, found 1")]
    [InlineData(""" "widths": [1], "train": [1.5], "seeds": [1]""", ":3: $.train[0]: expected a whole number, found 1.5")]
    [InlineData(""" "widths": [1], "train": [100], "seeds": [-1]""", ":3: $.seeds[0]: expected a whole number from 0 to 4294967295, found -1")]
    [InlineData(""" "widths": [1], "train": [100], "seeds": [null]""", ":3: $.seeds[0]: null is not a value")]
    [InlineData(""" "width": [1], "train": [100], "seeds": [1]""", ":3: $.width: unknown key 'width'; did you mean 'widths'?")]
    [InlineData(""" "widths": [1], "train": [100] """, ":1: $: the key 'seeds' is missing")]
    [InlineData(""" "widths": [1], "train": [100], "seeds": [1""", "this is not JSON")]
    public void A_bad_grid_is_refused_with_file_line_and_path(string rest, string words)
    {
        string grid = _scratch.In("bad.json");
        File.WriteAllText(grid, $$"""
            {
              "base": "small.json", // a comment is allowed
              {{rest}}
            }
            """);

        CommandRun run = Scale(grid);

        Assert.Equal(2, run.Code);
        Assert.Contains(grid, run.Error, StringComparison.Ordinal);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_scratch.In("s")));
    }

    [Theory]
    [InlineData("1989-bass", "There is no configuration")]
    [InlineData("", "$.base: ")]
    [InlineData("finetune-usps", "starts from")]
    [InlineData("1989-owntable", "\"connections\" of its own")]
    [InlineData("1989-weightnorm", "weight normalization")]
    [InlineData("wide.json", "a \"network\" of its own")]
    public void A_base_without_widths_is_refused(string name, string words)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        json["network"] = new JsonObject { ["family"] = "1989", ["width"] = 2 };
        _scratch.Write("wide.json", json);

        CommandRun run = Scale(Grid(name));

        Assert.Equal(2, run.Code);
        Assert.Contains(":1: $.base: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.json", "There is no file")]
    [InlineData(".", "is a folder")]
    public void A_grid_that_is_not_there_is_refused(string name, string words)
    {
        CommandRun run = Scale(_scratch.In(name));

        Assert.Equal(2, run.Code);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_grids_that_come_with_the_program_can_be_read()
    {
        string[] grids = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "configs", "scale")).Where(IsGrid)];

        Assert.NotEmpty(grids);
        Assert.All(grids, grid => Assert.NotEmpty(Trainer.Studies.Scaling.ScalingGridFile.Read(grid).Grid.Widths));

        static bool IsGrid(string file) => JsonNode.Parse(
            File.ReadAllText(file), documentOptions: new() { CommentHandling = JsonCommentHandling.Skip })!["base"] is not null;
    }

    public void Dispose() => _scratch.Dispose();

    private string Grid(string name = "small.json", int[]? seeds = null) => _scratch.Write("grid.json", new JsonObject
    {
        ["base"] = name,
        ["widths"] = new JsonArray(1, 0.5),
        ["train"] = new JsonArray(200, 100),
        ["seeds"] = new JsonArray([.. (seeds ?? [1, 2]).Select(seed => (JsonNode)seed)]),
    });

    private string[] Arguments(string grid, params string[] more) =>
        ["scale", grid, "-a", "host", .. more.Contains("--out") ? [] : (string[])["--out", _scratch.In("s")], .. more];

    private CommandRun Scale(string grid, params string[] more) => CommandRun.Of(Arguments(grid, more));

    private JsonNode Read(params string[] names) => JsonNode.Parse(File.ReadAllText(_scratch.In(names)))!;

    private JsonNode Result(string folder) => Read(folder, "scaling.json");

    private string[] Errors(string folder) =>
        [.. Result(folder)["points"]!.AsArray().Select(point => point!["errorPercent"]!.ToJsonString())];
}
