using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Replay;

/// <summary>The paper's own method on the digits that descend from its own, beside the paper's numbers.</summary>
public sealed class PaperReplayTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    /// <summary>
    /// The paper has 10 train and 102 test misses, and mean squared errors of 2.5e-3 and 1.8e-2; 32 seeds have 13.2 ± 3.1, 105.1 ± 6.3,
    /// 2.54e-3 ± 0.24 and 1.81e-2 ± 0.07. Four are within three standard deviations of their mean.
    /// </summary>
    [Fact]
    public void Reproduced_it_has_the_papers_four_numbers()
    {
        RequireUsps();

        CommandRun run = CommandRun.Of(
            "reproduce", "--only", "1989-paper", "--engine", "per-example", "--runs", "4", "--seed", "1", "--out", _scratch.In("r"));

        Assert.Equal((0, ""), (run.Code, run.Error));
        JsonNode row = JsonNode.Parse(File.ReadAllText(_scratch.In("r", "reproduction.json")))!["rows"]![0]!;
        JsonNode cell = row["perExample"]!;
        Assert.InRange((double)cell["trainMisses"]!["mean"]!, 8.5, 17.9);
        Assert.InRange((double)cell["testMisses"]!["mean"]!, 95.6, 114.6);
        Assert.InRange((double)cell["trainMse"]!["mean"]!, 2.18e-3, 2.90e-3);
        Assert.InRange((double)cell["testMse"]!["mean"]!, 1.70e-2, 1.92e-2);
        Assert.Equal((10, 102), ((int)row["articleTrainMisses"]!, (int)row["articleTestMisses"]!));
        Assert.Contains("beside it stand the paper's numbers", run.Output, StringComparison.Ordinal);

        // PyTorch has no such method whose time could stand beside ours.
        Assert.Null(row["pyTorchSeconds"]);
        Assert.DoesNotContain("faster", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_report_has_the_papers_mean_squared_errors_beside_ours()
    {
        RequireUsps();
        string run = _scratch.In("run");

        Assert.Equal(0, CommandRun.Of("--config", "1989-paper", "--passes", "1", "--out", run).Code);

        string page = File.ReadAllText(Path.Combine(run, "report.html"));
        double loss = (double)JsonNode.Parse(File.ReadAllText(Path.Combine(run, "result.json")))!["test"]!["loss"]!;
        Assert.Contains("<th scope=\"col\">test MSE/2</th>", page, StringComparison.Ordinal);
        Assert.Contains("<td>2.5e-3</td><td>1.8e-2</td></tr>", page, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"<td>{loss / 10:0.0#e-0}</td></tr>"), page, StringComparison.Ordinal);
        Assert.DoesNotContain("Karpathy", page, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static void RequireUsps()
    {
        DataFolder folder = DataFolder.Resolve(null);
        Assert.SkipUnless(
            UspsDataSet.IsAtHand(folder), $"zip.train and zip.test are not in {folder.Usps}; set {DataFolder.Variable} to a folder that has usps/.");
    }
}
