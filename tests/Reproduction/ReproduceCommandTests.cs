using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Commands;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Studies.Reproduction;
using GpuConvnet.Trainer.Views.Report;
using SkiaSharp;

namespace GpuConvnet.Tests.Reproduction;

/// <summary><c>trainer reproduce</c>, on built-in digits.</summary>
public sealed class ReproduceCommandTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void A_row_is_trained_printed_and_saved_and_not_trained_again()
    {
        CommandRun first = Reproduce("--runs", "2", "--python", SlowPyTorch());

        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Contains("softmax, seed 1338: ", first.Output, StringComparison.Ordinal);
        Assert.Contains("0 / 87", first.Output, StringComparison.Ordinal);
        JsonNode table = JsonNode.Parse(File.ReadAllText(_scratch.In("r", "reproduction.json")))!;
        JsonNode row = table["rows"]!.AsArray().Single()!;
        Assert.Equal(87, (int)row["articleTestMisses"]!);
        Assert.Null(row["fullBatch"]);
        JsonNode cell = row["perExample"]!;
        Assert.Equal([1337, 1338], cell["seeds"]!.AsArray().Select(seed => (int)seed!));
        Assert.Equal(167_693, (long)cell["presentations"]!);
        int[] misses = [.. new[] { 1337, 1338 }.Select(seed =>
            (int)JsonNode.Parse(File.ReadAllText(_scratch.In("r", "softmax", $"seed-{seed}", "result.json")))!["test"]!["misses"]!)];
        Assert.Equal(misses.Average(), (double)cell["testMisses"]!["mean"]!, 1e-9);
        double speedUp = (double)cell["speedUp"]!;
        Assert.Equal((double)row["pyTorchSeconds"]! / (double)cell["seconds"]!, speedUp, 1e-6 * speedUp);
        Assert.Contains(FormattableString.Invariant($"{speedUp:F0}x faster"), first.Output, StringComparison.Ordinal);
        Assert.Contains("| softmax | per example |", File.ReadAllText(_scratch.In("r", "table.md")), StringComparison.Ordinal);
        Assert.StartsWith("<?xml", File.ReadAllText(_scratch.In("r", "table.svg")), StringComparison.Ordinal);
        using SKBitmap picture = SKBitmap.Decode(_scratch.In("r", "table.png"));
        Assert.InRange(picture.Width, 600, 1200);

        DateTime written = File.GetLastWriteTimeUtc(_scratch.In("r", "softmax", "seed-1337", "result.json"));
        string leftByTheKilled = _scratch.In("r", "softmax", $"result.json.{Environment.MachineName}.{int.MaxValue}.part");
        File.WriteAllText(leftByTheKilled, "");
        CommandRun second = Reproduce("--runs", "2");

        Assert.Equal(0, second.Code);
        Assert.False(File.Exists(leftByTheKilled));
        Assert.Contains("2 are finished already", second.Output, StringComparison.Ordinal);
        Assert.Equal(written, File.GetLastWriteTimeUtc(_scratch.In("r", "softmax", "seed-1337", "result.json")));
        Assert.Equal(
            (double)cell["testMisses"]!["mean"]!,
            (double)JsonNode.Parse(File.ReadAllText(_scratch.In("r", "reproduction.json")))!["rows"]![0]!["perExample"]!["testMisses"]!["mean"]!);
    }

    [Fact]
    public void A_recorded_pace_of_another_machine_is_a_time_with_its_machine_and_no_ratio()
    {
        ReproductionResult result = Result(PyTorchPace.Recorded);

        string lines = string.Join('\n', ReproductionTable.Lines(result));
        string page = ReproductionTable.Markdown(result);

        foreach (string text in (string[])[lines, page])
        {
            Assert.Contains("PyTorch, elsewhere", text, StringComparison.Ordinal);
            Assert.Contains("(159 s)", text, StringComparison.Ordinal);
            Assert.Contains(PyTorchPace.Recorded.Source, text, StringComparison.Ordinal);
            Assert.DoesNotContain("faster |", text, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"\dx (faster|slower)", text);
        }
    }

    [Fact]
    public void Runs_that_another_machine_finished_have_no_ratio()
    {
        Assert.Equal(0, Reproduce("--python", SlowPyTorch()).Code);
        string file = _scratch.In("r", "softmax", "seed-1337", "result.json");
        JsonNode result = JsonNode.Parse(File.ReadAllText(file))!;
        result["device"] = "a faster machine";
        File.WriteAllText(file, result.ToJsonString());

        CommandRun again = Reproduce("--python", SlowPyTorch());

        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.Null(JsonNode.Parse(File.ReadAllText(_scratch.In("r", "reproduction.json")))!["rows"]![0]!["perExample"]!["speedUp"]);
        Assert.DoesNotMatch(@"\dx (faster|slower)", again.Output);
    }

    [Fact]
    public void An_interruption_keeps_what_is_finished_and_the_same_command_goes_on()
    {
        using CancellationTokenSource interruption = new();
        using CancellingWriter output = new("softmax, seed", interruption);
        using StringWriter error = new();

        int code = TrainerCommandLine.Run(Arguments("--runs", "4"), output, error, interruption.Token);

        Assert.Equal(130, code);
        int kept = Directory.GetFiles(_scratch.In("r"), "result.json", SearchOption.AllDirectories).Length;
        Assert.InRange(kept, 1, 3);
        Assert.True((bool)JsonNode.Parse(File.ReadAllText(_scratch.In("r", "reproduction.json")))!["interrupted"]!);

        CommandRun resumed = Reproduce("--runs", "4", "--json");

        Assert.Equal(0, resumed.Code);
        Assert.Contains($"{kept} are finished already", resumed.Error, StringComparison.Ordinal);
        JsonNode table = JsonNode.Parse(resumed.Output)!;
        Assert.Null(table["interrupted"]);
        Assert.Equal(4, table["rows"]![0]!["perExample"]!["seeds"]!.AsArray().Count);
    }

    [Fact]
    public void A_run_with_other_settings_is_not_mistaken_for_a_finished_one()
    {
        Directory.CreateDirectory(_scratch.In("r", "softmax", "seed-1337"));
        File.WriteAllBytes(
            _scratch.In("r", "softmax", "seed-1337", "config.json"),
            ConfigurationFile.Serialize(ConfigurationFile.Load("softmax") with { Passes = 5 }));
        File.WriteAllText(_scratch.In("r", "softmax", "seed-1337", "result.json"), "{}");

        CommandRun run = Reproduce();

        Assert.Equal(2, run.Code);
        Assert.Contains("other settings", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_something_else_is_refused()
    {
        Directory.CreateDirectory(_scratch.In("r"));
        File.WriteAllText(_scratch.In("r", "thesis.tex"), "");

        CommandRun run = Reproduce();

        Assert.Equal(2, run.Code);
        Assert.Contains("thesis.tex", run.Error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFileSystemEntries(_scratch.In("r")));
    }

    [Fact]
    public void An_experiment_that_the_article_does_not_have_is_refused_with_what_it_has()
    {
        CommandRun run = CommandRun.Of("reproduce", "--only", "softmaxx", "--out", _scratch.In("r"));

        Assert.Equal(2, run.Code);
        Assert.Contains("did you mean 'softmax'", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_scratch.In("r")));
    }

    [Fact]
    public void A_Python_without_PyTorch_is_refused_if_it_was_named()
    {
        CommandRun run = CommandRun.Of(
            "reproduce", "--only", "softmax", "--dataset", "builtin", "--python", _scratch.In("no-python"), "--out",
            _scratch.In("r"));

        Assert.Equal(2, run.Code);
        Assert.Contains("import torch", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void PyTorchs_time_is_measured_where_there_is_one()
    {
        PyTorchPace pace = PyTorchPace.Find(SlowPyTorch(), CancellationToken.None);

        Assert.True(pace.IsMeasured);
        Assert.Contains("9.9", pace.Source, StringComparison.Ordinal);
        Assert.Equal((0.001, 0.002), (pace.PlainSeconds, pace.ModernSeconds));
    }

    [Fact]
    public void Every_row_of_the_table_has_its_two_configurations()
    {
        foreach (ArticleRow row in ArticleRow.Table)
        {
            ExperimentConfiguration perExample = ConfigurationFile.Load(row.Name);
            ExperimentConfiguration fullBatch = ConfigurationFile.Load(row.FullBatch);

            Assert.Equal(row.Name, perExample.Experiment);
            Assert.Equal(row.FullBatch, fullBatch.Experiment);
            Assert.Equal(BatchSize.PerExample, perExample.Batch);
            Assert.Equal(BatchSize.Full, fullBatch.Batch);
            Assert.Equal(perExample.Network, fullBatch.Network);
            Assert.Equal(perExample.Train, fullBatch.Train);
            Assert.Equal(perExample.Shift, fullBatch.Shift);
            Assert.Contains($"{row.TestMisses}", perExample.Description, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _scratch.Dispose();

    private static ReproductionResult Result(PyTorchPace pace) => new()
    {
        Command = "trainer reproduce",
        Date = DateTime.UnixEpoch,
        Processor = "this one",
        Cores = 2,
        Runtime = "10.0.0",
        PyTorch = pace,
        Seconds = 1,
        Rows =
        [
            new ReproducedRow
            {
                Name = "softmax",
                ArticleTrainMisses = 0,
                ArticleTestMisses = 87,
                PyTorchSeconds = 159.3,
                PerExample = new ReproductionCell
                {
                    Experiment = "softmax",
                    Accelerator = "host",
                    Device = "this one",
                    Dataset = "mnist",
                    Batch = BatchSize.PerExample,
                    TrainDigits = 7291,
                    Steps = 167_693,
                    Presentations = 167_693,
                    Seeds = [1337],
                    TestMisses = Statistic.Of([87.0]),
                    TrainMisses = Statistic.Of([0.0]),
                    Seconds = 0.5,
                },
            },
        ],
    };

    /// <summary>A stand-in for a Python with PyTorch, of 1 and 2 ms an example.</summary>
    private string SlowPyTorch()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The stand-in for a Python is a shell script.");
        string python = _scratch.In("python");
        File.WriteAllText(
            python, "#!/bin/sh\ncat > /dev/null\necho '{\"version\": \"9.9\", \"plain\": 0.001, \"modern\": 0.002}'\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return python;
    }

    private string[] Arguments(params string[] more) =>
    [
        "reproduce", "--only", "softmax", "--engine", "per-example", "--dataset", "builtin", "--out", _scratch.In("r"), .. more,
    ];

    private CommandRun Reproduce(params string[] more) => CommandRun.Of(Arguments(more));
}
