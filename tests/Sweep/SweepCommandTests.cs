using System.Text;
using System.Text.Json.Nodes;
using GpuConvnet.Model;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Commands;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Sweep;

/// <summary>Whole sweeps of small experiments by the command line.</summary>
public sealed class SweepCommandTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void Points_are_ranked_printed_and_saved()
    {
        CommandRun run = Sweep("--out", _scratch.In("s"));

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("200 training and 300 validation digits", run.Output, StringComparison.Ordinal);
        Assert.Contains("12 of 12 runs finished", run.Output, StringComparison.Ordinal);
        Assert.Contains("the test split was not looked at", run.Output, StringComparison.Ordinal);
        JsonNode result = Read("s", "sweep.json");
        JsonArray ranking = result["ranking"]!.AsArray();
        Assert.Equal("validation", (string)result["testedOn"]!);
        Assert.Equal([1, 2, 3, 4], ranking.Select(point => (int)point!["rank"]!));
        double[] means = [.. ranking.Select(point => (double)point!["validationMisses"]!["mean"]!)];
        Assert.Equal(means.Order(), means);
        Assert.All(ranking, point => Assert.Equal([1337, 1338, 1339], point!["runs"]!.AsArray().Select(each => (int)each!["seed"]!)));
        Assert.Equal(5, File.ReadAllLines(_scratch.In("s", "sweep.csv")).Length);
        Assert.Equal(12, Directory.GetFiles(_scratch.In("s", "runs")).Length);
        Assert.False(Directory.Exists(_scratch.In("s", "test")));
        Assert.False(File.Exists(_scratch.In("s", ".lock")));
    }

    [Fact]
    public void A_run_of_a_sweep_is_the_run_that_the_same_settings_give_alone()
    {
        JsonNode sweep = JsonNode.Parse(Sweep("--json").Output)!;
        JsonNode best = sweep["ranking"]![0]!;
        JsonObject json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        json["optimizer"]!["learningRate"] = best["settings"]!["optimizer.learningRate"]!.DeepClone();
        json["passes"] = best["settings"]!["passes"]!.DeepClone();
        string config = _scratch.Write("alone.json", json);

        JsonNode alone = JsonNode.Parse(CommandRun.Of("--config", config, "--validation", "300", "--seed", "1338", "--json").Output)!;

        JsonNode run = best["runs"]![1]!;
        Assert.Equal((string)alone["parametersSha256"]!, (string)run["parametersSha256"]!);
        Assert.Equal(alone["test"]!.ToJsonString(), run["validation"]!.ToJsonString());
        Assert.Equal(alone["train"]!.ToJsonString(), run["train"]!.ToJsonString());
    }

    [Fact]
    public void The_best_configuration_is_ready_to_be_trained()
    {
        Sweep("--out", _scratch.In("s"));
        JsonNode settings = Read("s", "sweep.json")["ranking"]![0]!["settings"]!;

        ExperimentConfiguration best = ConfigurationFile.Load(_scratch.In("s", "best.json"));

        Assert.Equal("small-best", best.Experiment);
        Assert.Equal((double)settings["optimizer.learningRate"]!, best.Optimizer.LearningRate);
        Assert.Equal((int)settings["passes"]!, best.Passes);
        Assert.False(best.IsValidation);
        Assert.Contains("50 test digits", CommandRun.Of("--config", _scratch.In("s", "best.json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_that_was_stopped_goes_on_and_gives_the_same_ranking()
    {
        using CancellationTokenSource interruption = new();
        using CancellingWriter output = new("5 of 12 runs finished", interruption);
        using StringWriter error = new();
        int code = TrainerCommandLine.Run(
            Arguments("--jobs", "1", "--out", _scratch.In("s")), output, error, interruption.Token);

        Assert.Equal(130, code);
        Assert.True((bool)Read("s", "sweep.json")["interrupted"]!);
        Assert.False(File.Exists(_scratch.In("s", "best.json")));
        Dictionary<string, DateTime> finished = Directory.GetFiles(_scratch.In("s", "runs")).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        Assert.Equal(5, finished.Count);

        CommandRun resumed = Sweep("--out", _scratch.In("s"));
        Sweep("--jobs", "1", "--out", _scratch.In("whole"));

        Assert.Equal(0, resumed.Code);
        Assert.Contains("going on: 5 runs are finished already", resumed.Output, StringComparison.Ordinal);
        Assert.Contains("7 of 7 runs finished", resumed.Output, StringComparison.Ordinal);
        Assert.All(finished, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));
        Assert.Equal(Ranking("whole"), Ranking("s"));
        Assert.Equal(File.ReadAllText(_scratch.In("whole", "best.json")), File.ReadAllText(_scratch.In("s", "best.json")));
    }

    [Fact]
    public void A_finished_sweep_is_shown_again_without_training()
    {
        Sweep("--out", _scratch.In("s"));

        CommandRun again = Sweep("--out", _scratch.In("s"));

        Assert.Equal(0, again.Code);
        Assert.Contains("going on: 12 runs are finished already", again.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("runs finished,", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interruption_before_training_leaves_nothing_behind()
    {
        CommandRun run = CommandRun.Of(new CancellationToken(canceled: true), Arguments("--out", _scratch.In("s")));

        Assert.Equal(130, run.Code);
        Assert.False(Directory.Exists(_scratch.In("s")));
    }

    [Theory]
    [InlineData("its \"runs\" is 3, and 4 was asked for", "--runs", "4")]
    [InlineData("its \"configuration.validation\" is 300, and 301 was asked for", "--validation", "301")]
    [InlineData("its \"configuration.seed\" is 1337, and 1 was asked for", "--seed", "1")]
    [InlineData("its \"set\" is ", "--set", "shift=0")]
    [InlineData("its \"halving\" is absent, and true was asked for", "--halving")]
    public void The_folder_of_another_sweep_is_refused(string words, params string[] changes)
    {
        Sweep("--out", _scratch.In("s"));

        CommandRun run = CommandRun.Of(Arguments([.. changes, "--out", _scratch.In("s")]));

        Assert.Equal(2, run.Code);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_no_sweeps_is_refused()
    {
        CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("run"));

        CommandRun run = Sweep("--out", _scratch.In("run"));

        Assert.Equal(2, run.Code);
        Assert.Contains("is no sweep's folder", run.Error, StringComparison.Ordinal);
        Assert.Contains("is a file", Sweep("--out", _scratch.Config).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_use_is_refused()
    {
        Sweep("--out", _scratch.In("s"));
        using FileStream hold = new(
            _scratch.In("s", ".lock"), FileMode.Create, FileAccess.Write, FileShare.None);

        CommandRun run = Sweep("--out", _scratch.In("s"));

        Assert.Equal(2, run.Code);
        Assert.Contains("is in use by another sweep", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{ "point": 2, "settings": {}, "seed": 1337, "seconds": 1 }""")]
    [InlineData("""{ "point": 1, "settings": {}, "seed": 1337, "seconds": 1 }""")]
    public void A_damaged_run_is_named_kept_and_made_again(string content)
    {
        Sweep("--out", _scratch.In("s"));
        string file = _scratch.In("s", "runs", "point-1-seed-1337.json");
        File.WriteAllText(file, content);

        CommandRun mended = Sweep("--out", _scratch.In("s"));

        Assert.Equal(0, mended.Code);
        Assert.Contains($"{file} cannot be read", mended.Output, StringComparison.Ordinal);
        Assert.Contains($"It is kept as {Path.GetFileName(file)}.damaged, and made again.", mended.Output, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(file + ".damaged"));
        Assert.Contains("1 of 1 runs finished", mended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_best_is_tested_with_fresh_seeds_and_only_when_asked_for()
    {
        Sweep("--out", _scratch.In("s"));

        CommandRun run = Sweep("--out", _scratch.In("s"), "--then-test");

        Assert.Equal(0, run.Code);
        JsonNode result = Read("s", "sweep.json");
        JsonArray tested = result["test"]!["runs"]!.AsArray();
        Assert.Equal([1340, 1341, 1342], tested.Select(each => (int)each!["seed"]!));
        Assert.All(tested, each => Assert.Equal((int)result["ranking"]![0]!["point"]!, (int)each!["point"]!));
        Assert.All(tested, each => Assert.Null(each!["validation"]));
        JsonNode alone = JsonNode.Parse(CommandRun.Of("--config", _scratch.In("s", "best.json"), "--seed", "1341", "--json").Output)!;
        Assert.Equal(alone["test"]!.ToJsonString(), tested[1]!["test"]!.ToJsonString());
        Assert.Contains("test misses of the best, 3 fresh seeds: mean ", run.Output, StringComparison.Ordinal);

        // Once looked at, it stays on record.
        Sweep("--out", _scratch.In("s"));
        Assert.Equal(3, Read("s", "sweep.json")["test"]!["runs"]!.AsArray().Count);
    }

    [Fact]
    public void The_files_of_the_test_split_need_not_even_be_there_until_the_best_is_tested()
    {
        Directory.CreateDirectory(_scratch.In("data", "usps"));
        string pixels = string.Concat(Enumerable.Range(0, Shape1989.InputUnits).Select(pixel => pixel % 16 is 7 or 8 ? " 0.9" : " -1"));
        File.WriteAllText(
            _scratch.In("data", "usps", "zip.train"),
            string.Concat(Enumerable.Range(0, 60).Select(line => $"{line % 10}{pixels}\n")), Encoding.ASCII);
        string[] arguments =
        [
            "sweep", "--config", _scratch.Config, "--dataset", "usps", "--data", _scratch.In("data"),
            "--set", "train=40", "--validation", "20", "--runs", "1",
        ];

        CommandRun searched = CommandRun.Of(arguments);
        CommandRun tested = CommandRun.Of([.. arguments, "--then-test"]);

        Assert.Equal((0, ""), (searched.Code, searched.Error));
        Assert.Equal(2, tested.Code);
        Assert.Contains("zip.test", tested.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Divergence_is_a_result_unless_nothing_else_happens()
    {
        string[] wild = ["--set", "hidden=relu", "--set", "output=linear", "--runs", "1"];

        CommandRun some = CommandRun.Of(["sweep", "-c", _scratch.Config, "--validation", "50", .. wild, "--set", "optimizer.learningRate=100,0.01"]);
        CommandRun all = CommandRun.Of(["sweep", "-c", _scratch.Config, "--validation", "50", .. wild, "--set", "optimizer.learningRate=100,99"]);

        Assert.Equal(0, some.Code);
        Assert.Contains("diverged", some.Output, StringComparison.Ordinal);
        Assert.Contains("best: hidden=relu output=linear optimizer.learningRate=0.01", some.Output, StringComparison.Ordinal);
        Assert.Equal(1, all.Code);
        Assert.Contains("Every run diverged", all.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Halving_gives_the_better_half_twice_the_seeds()
    {
        CommandRun run = CommandRun.Of(
            "sweep", "-c", _scratch.Config, "--set", "optimizer.learningRate=log:0.001..0.1", "--random", "9", "--runs", "4",
            "--halving", "--validation", "100", "--json");

        JsonArray ranking = JsonNode.Parse(run.Output)!["ranking"]!.AsArray();
        Assert.Equal([4, 4, 4, 2, 2, 1, 1, 1, 1], ranking.Select(point => point!["runs"]!.AsArray().Count));
        double[] firstSeed = [.. ranking.Select(point => (double)point!["runs"]![0]!["validation"]!["misses"]!)];
        Assert.True(firstSeed[..5].Max() <= firstSeed[5..].Min());
    }

    [Theory]
    [InlineData("There is nothing to search")]
    [InlineData("--search-seed is the seed of --random N", "--set", "shift=0", "--search-seed", "1")]
    [InlineData("--validation takes a whole number from 1", "--set", "shift=0", "--validation", "0")]
    [InlineData("go beyond the largest seed", "--set", "shift=0", "--seed", "4294967295")]
    [InlineData("$.shift: expected a whole number from 0 to 4, found 5", "--set", "shift=0,5")]
    public void A_bad_argument_is_one_clear_line_and_exit_code_2(string words, params string[] arguments)
    {
        CommandRun run = CommandRun.Of(["sweep", "-c", _scratch.Config, .. arguments]);

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_digits_for_validation_are_refused_before_training()
    {
        CommandRun run = CommandRun.Of("sweep", "-c", "1989-usps", "--set", "optimizer.learningRate=0.1");

        Assert.Equal(2, run.Code);
        Assert.Contains("leave 0 for validation", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Four points on built-in digits, three seeds each unless the arguments say otherwise.</summary>
    private string[] Arguments(params string[] more)
    {
        string[] length = more.Contains("--runs") ? [] : ["--runs", "3"];
        string[] validation = more.Contains("--validation") ? [] : ["--validation", "300"];
        return
        [
            "sweep", "--config", _scratch.Config, "--set", "optimizer.learningRate=0.01,0.05", "--set", "passes=1,3",
            .. length, .. validation, .. more,
        ];
    }

    private CommandRun Sweep(params string[] more) => CommandRun.Of(Arguments(more));

    private JsonNode Read(params string[] names) => JsonNode.Parse(File.ReadAllText(_scratch.In(names)))!;

    /// <summary>The ranking without its times, which no two sweeps share.</summary>
    private string[] Ranking(string folder) =>
    [
        .. Read(folder, "sweep.json")["ranking"]!.AsArray().Select(point =>
        {
            JsonObject standing = point!.AsObject();
            standing.Remove("seconds");
            foreach (JsonNode? run in standing["runs"]!.AsArray())
            {
                run!.AsObject().Remove("seconds");
            }

            return standing.ToJsonString();
        }),
    ];
}
