using System.Text.Json;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Tests.Data;

namespace GpuConvnet.Tests.Cuda;

/// <summary>What a run asks of a CUDA driver.</summary>
public sealed class StubDriverTests(StubDriver driver) : IClassFixture<StubDriver>, IDisposable
{
    private const int Steps = 100;

    private static readonly string[] s_fullBatch =
    [
        "--config", "1989-fullbatch", "--dataset", "builtin", "--accelerator", "cuda", "--steps", $"{Steps}", "--no-save",
    ];

    private static readonly string[] s_fused = [.. s_fullBatch, "--kernels", "fused"];

    private readonly ScratchFolder _scratch = new();

    [Theory]
    [InlineData("fused")]
    [InlineData("layers")]
    [InlineData("replicas")]
    public void KeptKernelsAreLaunchedAsThoseThatWereJustMade(string kernels)
    {
        string[] arguments = kernels == "replicas"
            ? [
                "--config", "1989-base", "--dataset", "builtin", "--accelerator", "cuda", "--passes", "1", "--replicas", "2",
                "--no-save",
            ]
            : [.. s_fullBatch, "--kernels", kernels];
        string[] made = Log(arguments, _scratch.In("kept"));
        Dictionary<string, DateTime> files = Files();
        string[] restored = Log(arguments, _scratch.In("kept"));

        Assert.Equal(made, restored);
        Assert.Contains(made, line => line.StartsWith("launch", StringComparison.Ordinal));
        Assert.Equal(made.Count(line => line.StartsWith("module", StringComparison.Ordinal)), files.Count);
        Assert.Equal(files, Files());
    }

    [Fact]
    public void ItIsTheKeptTextThatTheDriverGets()
    {
        const string Comment = "// kept";
        string[] made = Log(s_fused, _scratch.In("kept"));
        KernelCache folder = new(_scratch.In("kept"));
        string update = Files().Keys.Single(name => name.Contains(".Update-", StringComparison.Ordinal));
        GeneratedCode code = folder.Find(update)!;
        folder.Add(update, code with { Text = code.Text + Comment });

        string[] restored = Log(s_fused, _scratch.In("kept"));

        (string before, string after) = Assert.Single(made.Zip(restored), pair => pair.First != pair.Second);
        Assert.StartsWith($"module {code.Text.Length} ", before, StringComparison.Ordinal);
        Assert.StartsWith($"module {code.Text.Length + Comment.Length} ", after, StringComparison.Ordinal);
    }

    [Fact]
    public void StepsAreRecordedOnceAndReplayed()
    {
        string[] log = Log(s_fused);

        // Launched once for nothing, as a driver may load a kernel when it is first launched.
        int start = Array.FindIndex(log, line => line.StartsWith("begin capture", StringComparison.Ordinal));
        Assert.Equal(["Kernel_Gradient", "Kernel_Update"], Launched(log[..start]));

        List<int> lengths = [];
        int replayed = 0;
        for (int line = start; line < log.Length; line++)
        {
            string[] words = log[line].Split(' ');
            switch (words[0])
            {
                case "begin":
                    int end = Array.FindIndex(log, line, ended => ended.StartsWith("end capture", StringComparison.Ordinal));
                    string[] recorded = Launched(log[(line + 1)..end]);
                    Assert.Equal(end - line - 1, recorded.Length);
                    Assert.All(
                        recorded.Chunk(2), step => Assert.Equal(["Kernel_Gradient", "Kernel_Update"], step));
                    lengths.Add(recorded.Length / 2);
                    Assert.Equal($"instantiate {lengths.Count}", log[end + 1]);
                    line = end + 1;
                    break;
                case "replay":
                    replayed += lengths[int.Parse(words[1], provider: null) - 1];
                    break;
                case "launch":
                    Assert.Equal("Kernel_Evaluate", words[1]);
                    break;
            }
        }

        // To the first evaluation after 50 steps in windows of 32 and 18, and again.
        Assert.Equal([32, 18], lengths);
        Assert.Equal(Steps, replayed);

        // On a stream of its own: the driver's first, 0, cannot be recorded.
        Assert.DoesNotContain(log, line => line.Contains(" on 0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cuStreamBeginCapture_v2")]
    [InlineData("cuStreamEndCapture")]
    [InlineData("cuGraphInstantiateWithFlags")]
    public void ADriverThatRecordsNothingIsSaidAndEachStepIsLaunched(string refuses)
    {
        (int code, string output, string error, string[] log) = driver.Run(s_fused, refuses: refuses);

        Assert.Equal(("", 0), (error, code));
        Assert.Contains("note: the driver records no graph of steps", output, StringComparison.Ordinal);
        Assert.DoesNotContain(log, line => line.StartsWith("replay", StringComparison.Ordinal));
        int recording = Array.FindLastIndex(log, line => line.StartsWith("end capture", StringComparison.Ordinal));
        string[] launched = Launched(log[(recording + 1)..]);
        int before = recording < 0 ? 1 : 0;
        Assert.Equal(Steps + before, launched.Count(kernel => kernel == "Kernel_Gradient"));
        Assert.Equal(Steps + before, launched.Count(kernel => kernel == "Kernel_Update"));
    }

    [Theory]
    [InlineData("cuCtxCreate_v2")]
    [InlineData("cuModuleLoadDataEx")]
    [InlineData("cuMemAlloc_v2")]
    [InlineData("cuLaunchKernel")]
    [InlineData("cuGraphLaunch")]
    public void ADriverThatFailsIsNamedInOneLine(string refuses)
    {
        (int code, _, string error, _) = driver.Run(s_fullBatch, refuses: refuses);

        Assert.NotEqual(0, code);
        Assert.Contains("Stub GPU", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryDeviceTrainsRuns()
    {
        (int code, string output, string error, string[] log) =
            driver.Run([.. s_fullBatch, "--runs", "4", "--device", "all", "--json"], devices: 2);

        Assert.Equal(0, code);
        Assert.Contains("accelerator: cuda, 2 x Stub GPU: as asked for, a run each", error, StringComparison.Ordinal);
        JsonElement result = JsonDocument.Parse(output).RootElement;
        Assert.Equal("2 x Stub GPU", result.GetProperty("device").GetString());
        Assert.All(
            result.GetProperty("runs").EnumerateArray(), run => Assert.Equal("Stub GPU", run.GetProperty("device").GetString()));
        Assert.Equal([1337, 1338, 1339, 1340], result.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("seed").GetInt32()));

        // Each is opened once, however many runs it trains.
        Assert.Equal(["context of 0", "context of 1"], log.Where(line => line.StartsWith("context", StringComparison.Ordinal)).Order());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public void OneDeviceOfSeveralIsTheOneThatWasNamed(string device)
    {
        string[] contexts = [.. driver.Run([.. s_fullBatch, "--device", device], devices: 3).Log
            .Where(line => line.StartsWith("context", StringComparison.Ordinal))];

        Assert.Equal([$"context of {device}"], contexts);
    }

    [Theory]
    [InlineData(35, "CUDA_ERROR_INSUFFICIENT_DRIVER", "update the driver")]
    [InlineData(100, "CUDA_ERROR_NO_DEVICE", "--gpus all")]
    [InlineData(803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "restart")]
    [InlineData(804, "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE", "cuda-compat")]
    [InlineData(999, "CUDA_ERROR_UNKNOWN", "nvidia_uvm")]
    [InlineData(12345, "12345", "nvidia-smi")]
    public void ADriverThatIsThereAndDoesNotStartIsSaidWithItsVersionAndWhatHelps(int answer, string name, string help)
    {
        (int code, string output, string error, _) = driver.Run(["devices"], init: answer);

        Assert.Equal(("", 0), (error, code));
        string line = Assert.Single(output.Split('\n'), line => line.StartsWith("cuda:", StringComparison.Ordinal));
        Assert.Contains("libcuda.so.1, for CUDA 13.0", line, StringComparison.Ordinal);
        Assert.Contains(name, line, StringComparison.Ordinal);
        Assert.Contains(help, line, StringComparison.Ordinal);
        Assert.DoesNotContain("It needs an NVIDIA GPU", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--accelerator", "cuda")]
    [InlineData(0, "--accelerator", "auto")]
    public void ATrainingSaysThatTheDriverDoesNotStart(int exitCode, params string[] accelerator)
    {
        (int code, string output, string error, _) = driver.Run(
            ["--config", "1989-fullbatch", "--dataset", "builtin", "--steps", "1", "--no-save", .. accelerator], init: 803);

        Assert.Equal(exitCode, code);
        Assert.Contains("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", output + error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--runs", "2")]
    [InlineData("bench", "--accelerator", "cuda", "--config", "1989-fullbatch", "--repeats", "1", "--batches", "none")]
    public void AFolderThatCannotBeWrittenIsSaid(params string[] arguments)
    {
        File.WriteAllText(_scratch.In("file"), "not a folder");
        if (arguments.Length == 0 || arguments[0].StartsWith('-'))
        {
            arguments = [.. s_fullBatch, .. arguments];
        }

        (int code, string output, string error, _) = driver.Run(arguments, _scratch.In("file"));

        Assert.Equal(("", 0), (error, code));
        Assert.Contains("note: the next start has to compile the kernels again", output, StringComparison.Ordinal);
        Assert.Contains(_scratch.In("file"), output, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static string[] Launched(IEnumerable<string> log) => [.. log
        .Where(line => line.StartsWith("launch", StringComparison.Ordinal)).Select(line => line.Split(' ')[1])];

    private string[] Log(string[] arguments, string? kernels = null)
    {
        (int code, _, string error, string[] log) = driver.Run(arguments, kernels);
        Assert.Equal(("", 0), (error, code));
        return log;
    }

    private Dictionary<string, DateTime> Files() => Directory.EnumerateFiles(_scratch.In("kept"), "*-*")
        .ToDictionary(path => Path.GetFileName(path), File.GetLastWriteTimeUtc);
}
