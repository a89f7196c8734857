using System.Text.Json;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Data;
using GpuConvnet.Tests.Ranks;

namespace GpuConvnet.Tests.Cuda;

/// <summary>
/// What <c>--kernels auto</c> makes of a CUDA device with tensor cores. The driver runs nothing, and takes as long for the launches of one
/// kernel as it is told: a group of the fused kernel has 192 threads, one of that on tensor cores 128.
/// </summary>
public sealed class AutoKernelsTests(StubDriver driver) : IClassFixture<StubDriver>, IDisposable
{
    // So many microseconds that what else a machine is busy with makes no difference.
    private const string SlowFused = "Kernel_Gradient 192 4000";
    private const string SlowTensor = "Kernel_Gradient 128 4000";

    private static readonly string[] s_training =
        ["--config", "1989-fullbatch", "--dataset", "builtin", "--accelerator", "cuda", "--steps", "2", "--json"];

    private readonly ScratchFolder _scratch = new();

    [Theory]
    [InlineData(SlowFused, "tensor")]
    [InlineData(SlowTensor, "fused")]
    public void TheFasterOnesAreChosenOnceAndThatIsSaid(string slow, string faster)
    {
        (string kernels, string said, string[] log) = Train(slow: slow);

        Assert.Equal(faster, kernels);
        Assert.Matches("; timed now: fused .* a step, tensor ", said);
        Assert.Equal(6, Modules(log));
        string[] kept = Choices();
        Assert.Single(kept);

        // The same at the next start, whatever would be faster by then, and the others are not even loaded.
        (kernels, said, log) = Train(slow: slow == SlowFused ? SlowTensor : SlowFused);

        Assert.Equal(faster, kernels);
        Assert.Matches(@"; timed on \d{4}-\d\d-\d\d: fused .* a step, tensor ", said);
        Assert.Equal(3, Modules(log));
        Assert.Equal(kept, Choices());
    }

    [Fact]
    public void WhatIsKeptSaysWhatWasTimed()
    {
        Train(slow: SlowFused);
        JsonNode choice = JsonNode.Parse(File.ReadAllText(_scratch.In("kept", Choices()[0])).Split('\n', 2)[1])!;

        Assert.Equal("Stub GPU", (string)choice["device"]!);
        Assert.Equal("tanh, tanh, mse; adamw; 7291 examples", (string)choice["step"]!);
        Assert.Equal("Tensor", (string)choice["kernels"]!);
        Assert.InRange((int)choice["rounds"]!, 3, 9);
        Assert.InRange((double)choice["times"]![0]!["seconds"]!, 4e-3, 1);
    }

    [Fact]
    public void WhoIsNamedIsNotTimed()
    {
        (string kernels, string said, string[] log) = Train(slow: SlowFused, arguments: ["--kernels", "fused"]);

        Assert.Equal("fused", kernels);
        Assert.DoesNotContain("timed", said, StringComparison.Ordinal);
        Assert.Equal(3, Modules(log));
        Assert.Empty(Choices());
    }

    [Fact]
    public void WithoutTensorCoresNothingIsTimed()
    {
        (string kernels, string said, string[] log) = Train(slow: SlowFused, capability: 75);

        Assert.Equal("fused", kernels);
        Assert.EndsWith("kernels: fused, activations stay on the chip", said, StringComparison.Ordinal);
        Assert.Equal(3, Modules(log));
        Assert.Empty(Choices());
    }

    /// <summary>It may be the driver's compiler; it does not keep anybody from training.</summary>
    [Fact]
    public void ADriverThatDoesNotTakeTheOthersIsSaidAndNotAskedAgain()
    {
        (string kernels, string said, _) = Train(slow: SlowFused, refusesText: "mma.sync");

        Assert.Equal("fused", kernels);
        Assert.Matches("; tensor is none to choose: .*Stub GPU.*the stub was told to refuse", said);

        (kernels, said, string[] log) = Train(slow: SlowFused);
        Assert.Equal("fused", kernels);
        Assert.Matches("; tensor is none to choose: .*Stub GPU.*the stub was told to refuse", said);
        Assert.Equal(3, Modules(log));
    }

    /// <summary>A kernel that goes wrong on a device takes the program's whole access to it along. The next start does without.</summary>
    [Fact]
    public void ThoseThatBreakTheDeviceAreNotTriedAgain()
    {
        string[] arguments = [.. s_training, "--no-save"];
        (int code, _, string error, _) = driver.Run(arguments, _scratch.In("kept"), slow: SlowFused, breaks: "Kernel_Gradient 128");

        Assert.NotEqual(0, code);
        Assert.Contains("Stub GPU", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Single(Choices());

        (string kernels, string said, string[] log) = Train(slow: SlowFused);
        Assert.Equal("fused", kernels);
        Assert.Matches("; tensor is none to choose: .*Stub GPU", said);
        Assert.Equal(3, Modules(log));
    }

    [Fact]
    public void WhereMemoryIsShortThatIsOfTheMoment()
    {
        Assert.Contains(
            "\nnote: the next start times them again", Train(slow: SlowFused, refusesText: "2 mma.sync").Said, StringComparison.Ordinal);
        Assert.Empty(Choices());
        Assert.Equal("tensor", Train(slow: SlowFused).Kernels);
    }

    [Fact]
    public void AChoiceThatIsDamagedIsMadeAgainAndThatIsSaid()
    {
        Train(slow: SlowFused);
        string path = _scratch.In("kept", Assert.Single(Choices()));
        File.WriteAllText(path, File.ReadAllText(path).Replace("Tensor", "Fused", StringComparison.Ordinal));

        (string kernels, string said, _) = Train(slow: SlowFused);

        Assert.Equal("tensor", kernels);
        Assert.Contains("; timed now: ", said, StringComparison.Ordinal);
        Assert.Contains("\nnote: what was kept of it was damaged", said, StringComparison.Ordinal);
        Assert.Contains("; timed on ", Train(slow: SlowFused).Said, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatCannotBeKeptIsTimedAtEachStartAndThatIsSaid()
    {
        File.WriteAllText(_scratch.In("file"), "not a folder");
        for (int start = 0; start < 2; start++)
        {
            (string kernels, string said, _) = Train(slow: SlowFused, folder: _scratch.In("file"));

            Assert.Equal("tensor", kernels);
            Assert.Contains("; timed now: ", said, StringComparison.Ordinal);
            Assert.Contains("\nnote: this could not be kept, so that the next start times them again: ", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WhereNothingIsToBeKeptTheBitsAreThoseOfFloat32()
    {
        (string kernels, string said, string[] log) = Train(slow: SlowFused, folder: "none");

        Assert.Equal("fused", kernels);
        Assert.Contains("\nnote: faster kernels are not looked for, as nothing is kept", said, StringComparison.Ordinal);
        Assert.Equal(3, Modules(log));
    }

    /// <summary>Whatever is faster, or chosen, by then: other kernels would round to other bits.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ARunGoesOnByTheKernelsThatItWasBegunWith(bool areSeveral)
    {
        string config = _scratch.In("constant.json");
        File.WriteAllText(
            config,
            """
            {"experiment": "constant", "dataset": "builtin", "train": 200, "test": 50, "batch": "full", "passes": 2,
             "optimizer": {"kind": "sgd", "learningRate": 0.03}}
            """);
        (int code, string output, string error, string[] log) = driver.Run(
            [
                "--config", config, "--accelerator", "cuda", .. areSeveral ? ["--runs", "2"] : Array.Empty<string>(), "--out",
                _scratch.In("run"), "--json",
            ],
            _scratch.In("kept"), slow: SlowFused);
        Assert.True(code == 0, error);
        Assert.Equal("tensor", KernelsOf(output));
        Array.ForEach(Choices(), choice => File.Delete(_scratch.In("kept", choice)));

        (code, output, error, log) = driver.Run(
            ["--resume", _scratch.In("run"), "--passes", "4", "--json"], _scratch.In("kept"), slow: SlowTensor);

        Assert.True(code == 0, error);
        Assert.Equal("tensor", KernelsOf(output));
        Assert.Equal(4, StepsOf(output));
        Assert.DoesNotContain("timed", error, StringComparison.Ordinal);
        Assert.Equal(3, Modules(log));
        Assert.Empty(Choices());
    }

    /// <summary>Devices of a name choose alike, whichever of them is asked first.</summary>
    [Fact]
    public void SeveralDevicesTimeOnce()
    {
        (int code, string output, string error, string[] log) = driver.Run(
            [.. s_training, "--runs", "4", "--device", "all", "--no-save"], _scratch.In("kept"), devices: 2, slow: SlowFused);

        Assert.True(code == 0, error);
        Assert.All(
            JsonDocument.Parse(output).RootElement.GetProperty("runs").EnumerateArray(),
            run => Assert.Equal("tensor", run.GetProperty("kernels").GetString()));
        Assert.Single(Choices());

        // One of the devices was timed, with both kernels' modules, and the other loaded what was chosen.
        Assert.Equal(9, Modules(log));
    }

    /// <summary>A rank would time its own device, and a run have the bits of whoever trained it.</summary>
    [Fact]
    public void RanksTimeNothing()
    {
        Launcher.Of("mpirun.mpich");

        (int code, string output, string error, _) = driver.Run(
            [.. s_training, "--runs", "2", "--no-save"], _scratch.In("kept"), slow: SlowFused, before: ["mpirun.mpich", "-n", "2"]);

        Assert.True(code == 0, error);
        Assert.All(
            JsonDocument.Parse(output).RootElement.GetProperty("runs").EnumerateArray(),
            run => Assert.Equal("fused", run.GetProperty("kernels").GetString()));
        Assert.Empty(Choices());
    }

    [Fact]
    public void ABenchmarkHasWhatWasTimed()
    {
        (int code, string output, string error, _) = driver.Run(
            [
                "bench", "--accelerator", "cuda", "--config", "1989-fullbatch", "--repeats", "1", "--batches", "none", "--quick", "--json",
            ],
            _scratch.In("kept"), slow: SlowFused);

        Assert.True(code == 0, error);
        JsonNode result = JsonNode.Parse(output)!;
        Assert.Equal("tensor", (string)result["kernels"]!);
        Assert.Equal(["fused", "tensor"], result["candidates"]!.AsArray().Select(candidate => (string)candidate!["kernels"]!));
        Assert.InRange((double)result["candidates"]![0]!["seconds"]!, 4e-3, 1);
        Assert.Contains("note: --kernels auto: timed now: fused ", error, StringComparison.Ordinal);

        // A training of the same batch finds it.
        Assert.Single(Choices());
    }

    public void Dispose() => _scratch.Dispose();

    private (string Kernels, string Said, string[] Log) Train(
        string slow, string? folder = null, int capability = 90, string? refusesText = null, params string[] arguments)
    {
        (int code, string output, string error, string[] log) = driver.Run(
            [.. s_training, .. arguments, "--no-save"],
            folder ?? _scratch.In("kept"), capability: capability, slow: slow, refusesText: refusesText);
        Assert.True(code == 0, error);
        string[] lines = [.. error.Split('\n').Select(line => line.TrimEnd())];
        int first = Assert.Single(Enumerable.Range(0, lines.Length), line => lines[line].StartsWith("kernels: ", StringComparison.Ordinal));
        string[] said = [.. lines.Skip(first).TakeWhile((line, place) => place == 0 || line.StartsWith("note: ", StringComparison.Ordinal))];
        return (KernelsOf(output), string.Join('\n', said), log);
    }

    private static string KernelsOf(string output)
    {
        JsonElement result = JsonDocument.Parse(output).RootElement;
        return result.TryGetProperty("runs", out JsonElement runs)
            ? Assert.Single(runs.EnumerateArray().Select(run => run.GetProperty("kernels").GetString()!).Distinct())
            : result.GetProperty("kernels").GetString()!;
    }

    private static int StepsOf(string output)
    {
        JsonElement result = JsonDocument.Parse(output).RootElement;
        return result.TryGetProperty("runs", out JsonElement runs)
            ? Assert.Single(runs.EnumerateArray().Select(run => run.GetProperty("steps").GetInt32()).Distinct())
            : result.GetProperty("steps").GetInt32();
    }

    private static int Modules(string[] log) => log.Count(line => line.StartsWith("module", StringComparison.Ordinal));

    private string[] Choices() => Directory.Exists(_scratch.In("kept"))
        ? [.. Directory.EnumerateFiles(_scratch.In("kept"), "Step.Choice-*").Select(path => Path.GetFileName(path))]
        : [];
}
