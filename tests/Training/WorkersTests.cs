using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Studies.Sweep;
using GpuConvnet.Trainer.Training;
using GpuConvnet.Trainer.Training.Messages;

namespace GpuConvnet.Tests.Training;

/// <summary>Runs that other processes train, which are threads here: what passes between them is bytes all the same.</summary>
public sealed class WorkersTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void A_sweep_on_three_ranks_gives_the_bits_of_one()
    {
        (int alone, JsonNode expected) = Sweep(null);
        (int code, JsonNode found) = (-1, expected);
        ILookup<int, TrainMessage> given = LoopbackRanks.Run(3, workers => (code, found) = Sweep(workers));

        Assert.Equal((0, 0), (alone, code));
        Assert.Equal(Bits(expected), Bits(found));
        Assert.Equal([1, 2], given.Select(worker => worker.Key).Order());
    }

    [Fact]
    public void Seeds_are_saved_by_whoever_trains_them_and_start_from_what_was_trained_before()
    {
        JsonObject later = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        later["from"] = _scratch.Config;
        string config = _scratch.Write("later.json", later);
        TrainingRequest request = Request(config, _scratch.In("alone"));
        Assert.Equal(0, Train(request, null).Code);

        ILookup<int, TrainMessage> given = LoopbackRanks.Run(
            2, workers => Assert.Equal(0, Train(request with { Out = _scratch.In("ranks") }, workers).Code));

        // Of four seeds' two stages each.
        Assert.InRange(given[1].Count(), 2, 7);
        foreach (string seed in (string[])["seed-1337", "seed-1338", "seed-1339", "seed-1340"])
        {
            Assert.Equal(
                File.ReadAllBytes(_scratch.In("alone", seed, "model.safetensors")),
                File.ReadAllBytes(_scratch.In("ranks", seed, "model.safetensors")));
            Assert.Equal(
                WithoutTimes(_scratch.In("alone", seed, "result.json")), WithoutTimes(_scratch.In("ranks", seed, "result.json")));
            Assert.NotEmpty(Directory.GetFiles(_scratch.In("ranks", seed, "events"), "*", SearchOption.AllDirectories));
            Assert.True(File.Exists(_scratch.In("ranks", seed, "from", "model.safetensors")));
        }
    }

    [Fact]
    public void Interrupted_seeds_come_to_their_next_evaluation_and_go_on_elsewhere()
    {
        // Long enough for neither to be at its end when the other has begun.
        JsonObject longer = Long();
        longer["passes"] = 800;
        string config = _scratch.Write("long.json", longer);
        TrainingRequest request = Request(config, _scratch.In("alone")) with { Runs = 2, WritesEvents = false };
        Assert.Equal(0, Train(request, null).Code);
        using CancellationTokenSource interruption = new();
        ConcurrentDictionary<string, bool> begun = [];

        LoopbackRanks.Run(2, workers =>
        {
            using FileSystemWatcher watcher = new(_scratch.In(), "*.checkpoint") { IncludeSubdirectories = true };
            watcher.Renamed += (_, renamed) =>
            {
                // Once both have something to go on with.
                if (begun.TryAdd(Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(renamed.FullPath))!), true) && begun.Count == 2)
                {
                    interruption.Cancel();
                }
            };
            watcher.EnableRaisingEvents = true;
            Assert.Equal(
                ExitCode.Interrupted,
                Train(request with { Out = _scratch.In("ranks"), Checkpoints = new CheckpointRequest(1, 3) }, workers, interruption.Token).Code);
        });
        RunFolder folder = RunFolder.Reopen(_scratch.In("ranks"));
        (int code, string output) = Train(
            request with { Configuration = folder.ReadConfiguration(), Resume = (folder, folder.ReadOrder(_ => { })), Out = null }, null);

        Assert.Equal(0, code);
        Assert.Contains("resume: seed 1337 goes on after", output, StringComparison.Ordinal);
        Assert.Contains("resume: seed 1338 goes on after", output, StringComparison.Ordinal);
        foreach (string seed in (string[])["seed-1337", "seed-1338"])
        {
            Assert.Equal(
                File.ReadAllBytes(_scratch.In("alone", seed, "model.safetensors")),
                File.ReadAllBytes(_scratch.In("ranks", seed, "model.safetensors")));
        }
    }

    [Fact]
    public void A_study_that_is_interrupted_drops_the_runs_of_its_workers()
    {
        using CancellationTokenSource interruption = new();
        JsonObject forever = Long();
        forever["passes"] = 100_000;
        string config = _scratch.Write("forever.json", forever);
        (int code, JsonNode result) = (-1, forever);

        LoopbackRanks.Run(
            2,
            workers =>
            {
                interruption.CancelAfter(TimeSpan.FromMilliseconds(500));
                (code, result) = Sweep(workers, config, interruption: interruption.Token);
            },
            interruption.Token);

        Assert.Equal(ExitCode.Interrupted, code);
        Assert.True((bool)result["interrupted"]!);
    }

    [Fact]
    public void Settings_that_diverge_on_a_worker_are_told_from_failures()
    {
        JsonObject wild = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        (wild["hidden"], wild["output"]) = ("relu", "linear");
        string config = _scratch.Write("wild.json", wild);
        (int alone, JsonNode expected) = Sweep(null, config, rates: "0.001,100");
        (int code, JsonNode found) = (-1, expected);
        LoopbackRanks.Run(3, workers => (code, found) = Sweep(workers, config, rates: "0.001,100"));

        Assert.Equal((0, 0), (alone, code));
        Assert.Equal(Bits(expected), Bits(found));
        Assert.Contains(Bits(found), run => run.EndsWith(" diverged", StringComparison.Ordinal));
    }

    [Fact]
    public void A_worker_without_the_digits_says_so()
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        json["dataset"] = "usps";
        ExperimentConfiguration configuration = ConfigurationFile.Load(_scratch.Write("usps.json", json));
        LoadedData data = DataSets.Load(
            (configuration with { Dataset = DataSets.Builtin }).Data, Folder, _ => { }, CancellationToken.None);
        using EngineChoice choice = EngineChoice.For(AcceleratorKind.Host, null, configuration);
        BadInputException? refusal = null;

        LoopbackRanks.Run(2, workers =>
        {
            workers.Open(choice, configuration, jobs: 1, Folder, folder: null);
            LaneRun run = Assert.Single(workers.Lanes([choice])).Take(new PlannedRun(configuration, data, choice));
            refusal = Assert.Throws<BadInputException>(() => run.Execute(CancellationToken.None));
        });

        Assert.StartsWith($"rank 1 on {Environment.MachineName}: ", refusal!.Message, StringComparison.Ordinal);
        Assert.Contains(Folder.Usps, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_that_does_not_see_the_folder_says_so_before_anything_is_trained()
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load(_scratch.Config);
        using EngineChoice choice = EngineChoice.For(AcceleratorKind.Host, null, configuration);

        ILookup<int, TrainMessage> given = LoopbackRanks.Run(2, workers =>
        {
            BadInputException refusal = Assert.Throws<BadInputException>(
                () => workers.Open(choice, configuration, jobs: null, Folder, _scratch.In("elsewhere")));
            Assert.Contains("name a folder with --out that all machines share", refusal.Message, StringComparison.Ordinal);
        });

        Assert.Empty(given);
    }

    public void Dispose() => _scratch.Dispose();

    private DataFolder Folder => new(_scratch.In("data"), "a test's");

    private static JsonObject Long() => new()
    {
        ["experiment"] = "long",
        ["dataset"] = "builtin",
        ["train"] = 300,
        ["test"] = 50,
        ["optimizer"] = new JsonObject { ["kind"] = "adamw", ["learningRate"] = 0.001 },
        ["passes"] = 200,
    };

    private TrainingRequest Request(string config, string folder) => new()
    {
        Configuration = ConfigurationFile.Load(config),
        Accelerator = AcceleratorKind.Host,
        Runs = 4,
        Data = Folder,
        Out = folder,
    };

    private static (int Code, string Output) Train(
        TrainingRequest request, Workers? workers, CancellationToken? interruption = null)
    {
        using StringWriter output = new();
        int code = new TrainingJob(request with { Workers = workers }, output, TextWriter.Null).Execute(interruption ?? CancellationToken.None);
        return (code, output.ToString());
    }

    private (int Code, JsonNode Result) Sweep(
        Workers? workers, string? config = null, string rates = "0.01,0.03", CancellationToken? interruption = null)
    {
        SweepRequest request = new()
        {
            Configuration = ConfigurationFile.Load(config ?? _scratch.Config) with { Validation = 100 },
            Axes = [SweepAxis.Parse($"optimizer.learningRate={rates}")],
            Runs = 4,
            Jobs = 1,
            Accelerator = AcceleratorKind.Host,
            Data = Folder,
            Workers = workers,
            Json = true,
        };
        using StringWriter output = new();
        int code = new SweepJob(request, output, TextWriter.Null).Execute(interruption ?? CancellationToken.None);
        return (code, JsonNode.Parse(output.ToString())!);
    }

    private static IEnumerable<string> Bits(JsonNode sweep) =>
    [
        .. from point in sweep["ranking"]!.AsArray()
           from run in point!["runs"]!.AsArray()
           select $"{point["point"]} {run!["seed"]} {run["validation"]} "
               + ((bool?)run["diverged"] == true ? "diverged" : (string)run["parametersSha256"]!),
    ];

    private static string WithoutTimes(string file)
    {
        JsonNode result = JsonNode.Parse(File.ReadAllText(file))!;
        foreach (JsonNode part in (JsonNode[])[result, result["pretraining"]!])
        {
            part.AsObject().Remove("seconds");
            foreach (JsonNode? entry in part["history"]!.AsArray())
            {
                entry!.AsObject().Remove("seconds");
            }
        }

        return result.ToJsonString();
    }
}
