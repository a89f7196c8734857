using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Kernels;

namespace GpuConvnet.Tests.Live;

/// <summary>The page of runs that a device trains at once.</summary>
public sealed class LiveAtOnceTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>, IDisposable
{
    private static readonly CancellationToken s_cancellation = TestContext.Current.CancellationToken;

    private readonly ScratchExperiment _scratch = new(passes: 100_000);

    /// <summary>They are evaluated at their ends alone: what the table draws is how their networks do on the first digits.</summary>
    [Fact]
    public async Task A_sweeps_runs_have_curves_while_a_device_trains_them()
    {
        devices.Require(DeviceKind.OpenCL);
        using LiveProgram program = LiveProgram.Start(
            "sweep", "--config", _scratch.Config, "-a", "opencl", "--validation", "100", "--runs", "2",
            "--set", "optimizer.learningRate=0.001,0.002", "--live");
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(s_cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using Stream stream = await program.Client.GetStreamAsync(program.WithToken("/events"), s_cancellation);
        using StreamReader reader = new(stream);
        HashSet<int> drawn = [];
        while (drawn.Count < 4)
        {
            string line = await reader.ReadLineAsync(patience.Token) ?? throw new EndOfStreamException(program.Error);
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                JsonArray rows = JsonNode.Parse(line["data: ".Length..])!["rows"]!.AsArray();
                drawn.UnionWith(rows.Where(row => row!["curve"]!.AsArray().Count > 2).Select(row => (int)row!["run"]!));
            }
        }

        Assert.Contains("4 runs at once on opencl", program.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();
}
