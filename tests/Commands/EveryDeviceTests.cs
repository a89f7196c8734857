using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Tests.Ranks;

namespace GpuConvnet.Tests.Commands;

/// <summary>
/// <c>--device all</c> with two devices, which PoCL makes of one processor when its environment says so: every run has the bits that it has
/// alone, whichever device trained it.
/// </summary>
public sealed class EveryDeviceTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void Seeds_are_those_of_one_device()
    {
        string[] arguments =
        [
            "--config", _scratch.Config, "-a", "opencl", "--kernels", "fused", "--batch", "full", "--steps", "3", "--runs", "4",
            "--no-save", "--json",
        ];

        (JsonNode every, string error) = Result("pthread pthread", [.. arguments, "--device", "all"]);
        (JsonNode one, _) = Result("pthread", arguments);

        Assert.StartsWith("2 x ", (string)every["device"]!, StringComparison.Ordinal);
        Assert.Contains(", a run each", error, StringComparison.Ordinal);
        string[] fingerprints = Fingerprints(every);
        Assert.Equal(4, fingerprints.Distinct().Count());
        Assert.Equal(Fingerprints(one), fingerprints);
    }

    /// <summary>Each device has some of the points at once; of a point the bits do not depend on its neighbours.</summary>
    [Fact]
    public void A_sweeps_points_are_those_of_one_device()
    {
        string[] arguments =
        [
            "sweep", "--config", _scratch.Config, "-a", "opencl", "--validation", "100", "--runs", "2", "--json", "--set",
            "optimizer.learningRate=0.01,0.03,0.1",
        ];

        (JsonNode every, _) = Result("pthread pthread", [.. arguments, "--out", _scratch.In("every"), "--device", "all"]);
        (JsonNode one, _) = Result("pthread", [.. arguments, "--out", _scratch.In("one")]);

        Assert.StartsWith("2 x ", (string)every["device"]!, StringComparison.Ordinal);
        Assert.Equal(WithoutTimes(one["ranking"]!).ToJsonString(), WithoutTimes(every["ranking"]!).ToJsonString());
    }

    [Fact]
    public void Ranks_train_a_sweeps_points_one_after_the_other_and_say_so()
    {
        using AcceleratorDiscovery discovery = new(DeviceKind.OpenCL);
        Assert.SkipWhen(discovery.Devices.Count == 0, "There is no OpenCL device.");

        RanksRun ranks = Launcher.Of("mpirun.openmpi").Run(
            2, "sweep", "--config", _scratch.Config, "-a", "opencl", "--validation", "100", "--set", "optimizer.learningRate=0.01,0.03",
            "--out", _scratch.In("ranks"));

        Assert.True(ranks.Code == 0, ranks.All);
        Assert.Contains("note: ranks train a sweep's runs on devices one after the other.", ranks.All, StringComparison.Ordinal);
        Assert.DoesNotContain("at once:", ranks.All, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static string[] Fingerprints(JsonNode result) =>
        [.. result["runs"]!.AsArray().Select(run => (string)run!["parametersSha256"]!)];

    /// <summary>The program's result with PoCL's devices as its environment names them.</summary>
    private static (JsonNode Result, string Error) Result(string devices, string[] arguments)
    {
        using AcceleratorDiscovery discovery = new(DeviceKind.OpenCL);
        Assert.SkipUnless(
            discovery.Devices.Any(device => device.Name.StartsWith("pthread", StringComparison.Ordinal)),
            "There is no PoCL here (Debian: pocl-opencl-icd).");
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "trainer.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["POCL_DEVICES"] = devices;
        using Process program = Process.Start(start)!;
        Task<string> error = program.StandardError.ReadToEndAsync();
        Task<string> output = program.StandardOutput.ReadToEndAsync();
        Assert.True(program.WaitForExit(s_patience));
        Assert.True(program.ExitCode == 0, error.Result + output.Result);
        return (JsonNode.Parse(output.Result)!, error.Result);
    }

    private static JsonNode WithoutTimes(JsonNode result)
    {
        IEnumerable<JsonNode?> parts = result is JsonArray list ? list : result.AsObject().Select(pair => pair.Value);
        foreach (JsonNode part in parts.OfType<JsonNode>())
        {
            if (part is not JsonValue)
            {
                WithoutTimes(part);
            }
        }

        (result as JsonObject)?.Remove("seconds");
        return result;
    }
}
