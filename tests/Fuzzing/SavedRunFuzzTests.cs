using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GpuConvnet.Tests.Data;
using GpuConvnet.Trainer.Runs.Listing;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Studies.Sweep;

namespace GpuConvnet.Tests.Fuzzing;

/// <summary>The files of a run's folder and of a sweep's, as <c>runs</c>, <c>--resume</c> and <c>sweep</c> read them.</summary>
public sealed class SavedRunFuzzTests : IDisposable
{
    // Of the first of all, reading includes what is made once.
    private const long MostBytes = 4 << 20;

    private static readonly ExperimentConfiguration s_configuration = ConfigurationFile.Load("1989-base");

    private readonly ScratchFolder _scratch = new();

    public SavedRunFuzzTests()
    {
        _scratch.Write("config.json", ConfigurationFile.Serialize(s_configuration));
        _scratch.Write("order.json", Bytes(SavedRun.Order, ResultJson.Relaxed.RunOrder));
    }

    [Fact]
    public void Damaged_results_are_read_or_refused() => Hold(
        "result.json",
        [
            Bytes(SavedRun.Result(s_configuration) with { Pretraining = SavedRun.Result(s_configuration) }, ResultJson.Relaxed.RunResult),
            Bytes(SavedRun.Results(s_configuration), ResultJson.Relaxed.RunsResult),
        ],
        () =>
        {
            RunListing listing = RunListing.Of(_scratch.FullPath);
            IReadOnlyList<RunResult> results = RunFolder.Reopen(_scratch.FullPath).ReadResults();

            Assert.NotEqual(RunState.Damaged, listing.State);
            Assert.Equal(results.Count, listing.Runs);
        });

    [Fact]
    public void Damaged_results_of_a_run_that_goes_on_are_read_or_refused() => Hold(
        "result.json",
        [Bytes(SavedRun.Result(s_configuration), ResultJson.Relaxed.RunResult)],
        () =>
        {
            RunFolder folder = RunFolder.Reopen(_scratch.FullPath);

            // The model is not there.
            RunResult result = folder.Find(s_configuration, Refuse)?.Result ?? folder.ReadResults()[0];
            Assert.NotEqual("", HistoryTable.Of(result.History, isValidation: false));
            Assert.NotEqual("", Trainer.Training.ReportLines.Finished(result));
        });

    [Fact]
    public void Damaged_orders_are_read_or_refused() => Hold(
        "order.json",
        [Bytes(SavedRun.Order, ResultJson.Relaxed.RunOrder)],
        () => Assert.InRange(RunFolder.Reopen(_scratch.FullPath).ReadOrder(_ => { }).Runs ?? 1, 1, RunOrder.MostRuns));

    [Fact]
    public void Damaged_environments_are_read_or_refused() => Hold(
        "environment.json",
        [Bytes(SavedRun.Environment, ResultJson.Relaxed.RunEnvironment)],
        () => Assert.NotNull(RunFolder.Reopen(_scratch.FullPath).ReadEnvironment(Refuse)));

    /// <summary>Whatever is damaged, the list of runs has a line about it, which names the file.</summary>
    [Theory]
    [InlineData("config.json")]
    [InlineData("result.json")]
    [InlineData("environment.json")]
    public void A_listing_is_made_of_any_run(string name)
    {
        byte[] good = name switch
        {
            "config.json" => ConfigurationFile.Serialize(s_configuration),
            "result.json" => Bytes(SavedRun.Results(s_configuration), ResultJson.Relaxed.RunsResult),
            _ => Bytes(SavedRun.Environment, ResultJson.Relaxed.RunEnvironment),
        };
        int damaged = 0;
        foreach (byte[] bad in JsonMutations.Of([good], 1_000, seed: 3).Concat(Mutations.Of([good], 1_000, seed: 4)))
        {
            Readers.Put(_scratch.In(name), bad);
            RunListing listing = RunListing.Of(_scratch.FullPath);
            Assert.True(listing is not { State: RunState.Damaged, Problem: null });
            if (listing.Problem is { } problem)
            {
                damaged++;
                Assert.Contains(name, problem, StringComparison.Ordinal);
            }
        }

        Assert.InRange(damaged, 100, 2_000);
    }

    [Fact]
    public void Damaged_runs_of_a_sweep_are_read_or_refused()
    {
        using SweepFolder folder = SweepFolder.Open(_scratch.In("sweep"), Definition());
        SweepRun run = new()
        {
            Point = 2,
            Settings = new JsonObject { ["optimizer.learningRate"] = 0.03, ["hidden"] = "relu" },
            Seed = 1337,
            Seconds = 0.9,
            Train = new RunEvaluation(7291, 0.1, 1, 73),
            Validation = new RunEvaluation(1000, 0.1, 4, 40),
            ParametersSha256 = "4b32f096",
        };
        Hold(Path.Combine("sweep", "runs", "point-2-seed-1337.json"), [Bytes(run, SweepJson.Relaxed.SweepRun)], () =>
        {
            SweepRun read = Assert.Single(folder.ReadSearch(points: 3, damage => throw new BadInputException(damage)));
            Assert.Equal((2, 1337u), (read.Point, read.Seed));
        });
    }

    [Fact]
    public void A_sweep_does_not_go_on_in_the_folder_of_a_damaged_definition()
    {
        using (SweepFolder.Open(_scratch.In("sweep"), Definition()))
        {
        }

        Hold(Path.Combine("sweep", "definition.json"), [File.ReadAllBytes(_scratch.In("sweep", "definition.json"))], () =>
        {
            SweepFolder.Open(_scratch.In("sweep"), Definition()).Dispose();
            Assert.Fail("The definition is not this sweep's.");
        }, refusedBy: _scratch.In("sweep"));
    }

    public void Dispose() => _scratch.Dispose();

    private static void Refuse(string line)
    {
        if (!line.Contains("model.safetensors", StringComparison.Ordinal))
        {
            throw new BadInputException(line);
        }
    }

    private static byte[] Bytes<T>(T document, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(document, type);

    private static SweepDefinition Definition() => new()
    {
        Configuration = JsonNode.Parse(ConfigurationFile.Serialize(s_configuration))!,
        Set = ["optimizer.learningRate=0.01,0.03", "hidden=tanh,relu"],
        Runs = 2,
        Datasets = ["mnist"],
        Accelerators = ["host"],
    };

    private void Hold(string name, byte[][] documents, Action read, string? refusedBy = null)
    {
        string path = _scratch.In(name);
        Readers.Hold(
            Mutations.Of(documents, Readers.Count, seed: 1).Concat(JsonMutations.Of(documents, Readers.Count, seed: 2))
                .Where(bad => !documents.Any(good => good.AsSpan().SequenceEqual(bad))),
            refusedBy ?? path,
            MostBytes,
            bad =>
            {
                Readers.Put(path, bad);
                File.Delete(path + ".damaged");
                read();
            });
    }
}
