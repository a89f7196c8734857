using System.Text.Json.Nodes;
using GpuConvnet.Model;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Live.Analysis;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Live;

/// <summary>What is found out about networks that pages look at.</summary>
public sealed class LiveAnalystTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    /// <summary>A curve of all the digits that there was time for would jump when another run is looked at.</summary>
    [Fact]
    public void A_tables_curve_is_of_the_first_256_digits_whether_the_run_is_looked_at_or_not()
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load(_scratch.Write("run.json", new JsonObject
        {
            ["experiment"] = "run",
            ["dataset"] = "builtin",
            ["train"] = 300,
            ["test"] = 1000,
            ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.03 },
            ["passes"] = 1,
        }));
        LoadedData data = DataSets.Load(
            configuration.Data, new DataFolder(_scratch.In("data"), "a test"), _ => { }, TestContext.Current.CancellationToken);
        float[] parameters = configuration.DrawParameters();
        using LiveBoard board = new("a test", stop: null);
        LiveRun[] runs =
        [
            .. Enumerable.Range(0, 2).Select(_ => board.Add(new LiveRunOrder("run", configuration, LiveDigits.Of(data)) { Cores = 1 })),
        ];
        Array.ForEach(runs, run => run.Show(steps: 0, parameters));
        board.Enter();
        runs[0].Enter();
        using (LiveAnalyst analyst = new(board))
        {
            Assert.True(SpinWait.SpinUntil(
                () => runs[0].Examinations.Count > 0 && runs.All(run => run.Samples.Count > 0), TimeSpan.FromSeconds(20)));
        }

        using INetwork network = configuration.CreateClassifier(parameters);
        double[] wrong = [.. Enumerable.Range(0, data.Test.Count).Select(index => IsWrong(network, data.Test, index) ? 100.0 : 0)];
        Assert.All(runs, run => Assert.Equal([wrong.Take(256).Average()], run.Samples.Sketch(10, at: 1).Distinct()));
        Assert.Equal([wrong.Average()], runs[0].Examinations.Sketch(10, at: 1).Distinct());
        Assert.NotEqual(wrong.Average(), wrong.Take(256).Average());
        Assert.Equal(0, runs[1].Examinations.Count);
    }

    public void Dispose() => _scratch.Dispose();

    private static bool IsWrong(INetwork network, Examples test, int index)
    {
        float[] outputs = new float[10];
        network.Outputs(test.Image(index), outputs);
        return Array.IndexOf(outputs, outputs.Max()) != test.Labels[index];
    }
}
