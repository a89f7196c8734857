using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Profiling;
using GpuConvnet.Model;
using GpuConvnet.Model.Layers;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Studies.Benchmark;
using SkiaSharp;

namespace GpuConvnet.Tests.Benchmark;

public sealed class BenchCommandTests : IDisposable
{
    private static void AssertAnatomy(JsonNode anatomy, int cores, string somePart)
    {
        Assert.Equal(cores, (int)anatomy["cores"]!);
        Assert.InRange((double)anatomy["ofPeak"]!, 1e-6, 2);
        JsonArray shares = anatomy["shares"]!.AsArray();
        Assert.Equal(TimeShare.Arithmetic, (string?)shares[0]!["on"]);
        Assert.All(shares, share => Assert.InRange((double)share!["share"]!, 0, 1));
        Assert.Equal(1, shares.Sum(share => (double)share!["share"]!), 1e-9);
        Assert.Contains(shares, share => ((string)share!["on"]!).StartsWith(somePart, StringComparison.Ordinal));

        // What is not counted is said to be missing.
        JsonNode counters = anatomy["counters"]!;
        Assert.True(counters["busyCores"] is not null && counters["instructionsPerCycle"] is not null || counters["missing"] is not null);
    }

    private readonly ScratchExperiment _scratch = new();

    [Theory]
    [InlineData("host", null, null)]
    [InlineData("cpu", "layers", 12)]
    [InlineData("opencl", "layers", 12)]
    [InlineData("opencl", "fused", 2)]
    public void A_step_and_its_parts_are_timed(string accelerator, string? kernels, int? launches)
    {
        if (accelerator == "opencl")
        {
            using AcceleratorDiscovery discovery = new(DeviceKind.OpenCL);
            Assert.SkipWhen(discovery.Devices.Count == 0, "There is no OpenCL device here; 'trainer devices' says what to install.");
        }

        string[] choice = kernels is null ? [] : ["--kernels", kernels];
        CommandRun run = Bench(["--accelerator", accelerator, .. choice, "--batch", "6", "--batches", "1,4", "--json"]);

        Assert.True(run.Code == 0, run.Error);
        JsonNode result = JsonNode.Parse(run.Output)!;
        Assert.Equal(accelerator, (string?)result["accelerator"]);
        Assert.Equal(6, (int)result["batch"]!);
        Assert.Equal(launches, (int?)result["launches"]);
        double step = (double)result["timedStep"]!["median"]!;
        double[] parts = [.. result["parts"]!.AsArray().Select(part => (double)part!["seconds"]!["median"]!)];
        Assert.All(parts, seconds => Assert.True(seconds >= 0));
        Assert.InRange(parts.Sum(), 0.01 * step, 1.5 * step);
        Assert.Equal([1, 4], result["curve"]!.AsArray().Select(point => (int)point!["examples"]!));
        Assert.True((double)result["step"]!["seconds"]!["minimum"]! > 0);
        Assert.True((double)result["startUp"]!["firstStepSeconds"]! > 0);
        Assert.True((double)result["perExample"]!["seconds"]!["median"]! > 0);
        Assert.Equal(9_760, (int)result["network"]!["parameters"]!);
        Assert.Equal((double)result["step"]!["operations"]!, (double)result["general"]!["operations"]!);
        Assert.True((double)result["general"]!["seconds"]!["median"]! > 0);
        AssertAnatomy(result["perExampleAnatomy"]!, 1, "H3Backward");
        if (launches is null)
        {
            AssertAnatomy(result["anatomy"]!, Environment.ProcessorCount, "Update");
        }
        else
        {
            Assert.Null(result["anatomy"]);
        }

        if (launches is not null)
        {
            Assert.Equal(launches, result["parts"]!.AsArray().Sum(part => (int)part!["launches"]!));
        }
    }

    [Theory]
    [InlineData("host", false)]
    [InlineData("cpu", true)]
    [InlineData("opencl", true)]
    public void Any_network_is_timed(string accelerator, bool hasParts)
    {
        if (accelerator == "opencl")
        {
            using AcceleratorDiscovery discovery = new(DeviceKind.OpenCL);
            Assert.SkipWhen(discovery.Devices.Count == 0, "There is no OpenCL device here; 'trainer devices' says what to install.");
        }

        string config = WriteSmall(width: 0.5);

        CommandRun run = CommandRun.Of(
            ["bench", "-c", config, "--quick", "--repeats", "2", "-a", accelerator, "--batch", "6", "--batches", "1", "--json"]);

        Assert.True(run.Code == 0, run.Error);
        JsonNode result = JsonNode.Parse(run.Output)!;
        Assert.Equal(2_845, (int)result["network"]!["parameters"]!);
        Assert.True((double)result["step"]!["seconds"]!["median"]! > 0);
        Assert.Equal(12.0 * (long)result["network"]!["trainingMultiplyAccumulates"]!, (double)result["step"]!["operations"]!);
        Assert.Null(result["general"]);
        Assert.Null(result["perExample"]);
        Assert.Equal(hasParts, result["parts"]!.AsArray().Any(part => (string?)part!["part"] == "ConvolutionForward"));
        Assert.Contains("in training; not that of 1989", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_example_at_a_time_is_taken_apart_as_training_takes_it()
    {
        CommandRun run = CommandRun.Of(
            "bench", "-c", "dropout-relu", "-a", "host", "--quick", "--repeats", "2", "--batches", "none", "--json");

        Assert.True(run.Code == 0, run.Error);
        JsonNode result = JsonNode.Parse(run.Output)!;
        string[] parts = [.. result["parts"]!.AsArray().Select(part => (string)part!["part"]!)];
        Assert.Equal("Noise", parts[0]);
        Assert.Equal("H1Backward", parts[^1]);
        Assert.DoesNotContain("Update", parts);
        AssertAnatomy(result["anatomy"]!, 1, "H3Backward");
        Assert.Contains("of the peak of 1 core", run.Error, StringComparison.Ordinal);
        Assert.Contains(TimeShare.Arithmetic, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Full_batches_are_taken_apart_layer_by_layer()
    {
        CommandRun run = CommandRun.Of(
            "bench", "-c", WriteSmall(train: 512), "-a", "host", "--quick", "--repeats", "2", "--batches", "none", "--json");

        Assert.True(run.Code == 0, run.Error);
        JsonNode result = JsonNode.Parse(run.Output)!;
        Assert.Null(result["general"]);
        Assert.True((double)result["cutFor1989"]!["seconds"]!["median"]! > 0);
        Dictionary<string, double> operations = result["parts"]!.AsArray().ToDictionary(
            part => (string)part!["part"]!, part => (double)part!["operations"]!);
        Assert.Equal(2.0 * 512 * 19_200, operations["1 Convolution forward"]);
        Assert.Equal(2.0 * 512 * 19_200, operations["1 Convolution backward"]);
        Assert.Equal(2.0 * 512 * 2 * 38_400, operations["3 Convolution backward"]);
        Assert.Equal((double)result["step"]!["operations"]!, operations.Values.Sum());
    }

    [Theory]
    [InlineData("fused")]
    [InlineData("tensor")]
    public void The_kernels_on_the_chip_are_those_of_1989(string kernels)
    {
        CommandRun run = CommandRun.Of("bench", "-c", WriteSmall(width: 0.5), "-a", "cpu", "--kernels", kernels);

        Assert.Equal(2, run.Code);
        Assert.Contains(
            $"--kernels {kernels} cannot train small: the {kernels} kernel is cut for the network of 1989", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1989-weightnorm")]
    [InlineData("1989-paper")]
    public void What_is_beyond_the_trainer_of_any_network_is_left_out(string config)
    {
        CommandRun run = CommandRun.Of(
            "bench", "-c", config, "--quick", "-a", "host", "--batch", "6", "--batches", "none");

        Assert.True(run.Code == 0, run.Error);
        Assert.Contains("the trainer of any network is left out", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_layers_of_1989_cost_what_the_network_does()
    {
        LayerNetwork network = ConfigurationFile.Load("1989-base").Layers;

        Assert.Equal(Shape1989.ForwardMultiplyAccumulates, network.Operations);
        Assert.Equal(Shape1989.TrainingMultiplyAccumulates, network.TrainingOperations);
    }

    [Fact]
    public void What_is_measured_is_saved()
    {
        string folder = _scratch.In("bench");

        CommandRun run = Bench(["--accelerator", "host", "--batch", "6", "--batches", "1,8,64", "--out", folder]);

        Assert.True(run.Code == 0, run.Error);
        Assert.Equal(
            ["batch-curve.png", "batch-curve.svg", "bench.json", "bench.txt"],
            Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!).Order());
        Assert.All(File.ReadAllLines(Path.Combine(folder, "bench.txt")), line => Assert.Contains(line, run.Output, StringComparison.Ordinal));
        Assert.Equal("small", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "bench.json")))!["experiment"]);
        using SKBitmap picture = SKBitmap.Decode(Path.Combine(folder, "batch-curve.png"));
        Assert.True(picture.Pixels.Distinct().Count() > 10);
        Assert.DoesNotMatch("font-family=\"(?!Inter)", File.ReadAllText(Path.Combine(folder, "batch-curve.svg")));
    }

    [Fact]
    public void Without_the_articles_digits_there_is_no_articles_accuracy()
    {
        CommandRun run = Bench(["--accelerator", "host", "--batch", "6", "--batches", "none", "--to-accuracy"]);

        Assert.True(run.Code == 0, run.Error);
        Assert.Contains("the time to the article's accuracy is left out", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--batches takes whole numbers", "--batches", "0")]
    [InlineData("--batches takes whole numbers", "--batches", "1,many")]
    [InlineData("--repeats", "--repeats", "0")]
    [InlineData("--batch takes full or a positive whole number", "--batch", "none")]
    [InlineData("--kernels fused is a device's", "--accelerator", "host", "--kernels", "fused")]
    [InlineData("--kernels tensor is a device's", "--accelerator", "host", "--kernels", "tensor")]
    [InlineData("--kernels tensor cannot train small: it takes a CUDA device", "--accelerator", "cpu", "--kernels", "tensor")]
    [InlineData("There is no cpu device 7", "--accelerator", "cpu", "--device", "7")]
    public void What_makes_no_sense_is_refused(string expected, params string[] arguments)
    {
        CommandRun run = CommandRun.Of(["bench", "--config", _scratch.Config, .. arguments]);

        Assert.Equal(2, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_folder_that_holds_something_is_refused()
    {
        CommandRun run = Bench(["--accelerator", "host", "--out", Path.GetDirectoryName(_scratch.Config)!]);

        Assert.Equal(2, run.Code);
        Assert.Contains("is not empty", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernels_work_adds_up_to_the_networks()
    {
        KernelKind[] forward = [KernelKind.H1Forward, KernelKind.H2Forward, KernelKind.H3Forward, KernelKind.OutputForward];
        KernelKind[] backward =
        [
            KernelKind.OutputBackward, KernelKind.H3BackwardInput, KernelKind.H2BackwardInput, KernelKind.H1BackwardWeights,
            KernelKind.H2BackwardWeights, KernelKind.DenseBackwardWeights, KernelKind.BiasBackward, KernelKind.Update,
        ];

        Assert.Equal(Shape1989.ForwardMultiplyAccumulates, forward.Sum(Work));
        Assert.Equal(Shape1989.TrainingMultiplyAccumulates, forward.Concat(backward).Sum(Work));
        Assert.Equal(Shape1989.TrainingMultiplyAccumulates, Work(KernelKind.FusedGradient));
        Assert.Equal(Shape1989.TrainingMultiplyAccumulates, Work(KernelKind.EnsembleTrain));

        static long Work(KernelKind kernel) => KernelWork.Of(kernel, slices: 1).MultiplyAccumulates;
    }

    [Theory]
    [InlineData(132, 9, 0, 1_980_000, 66.9e12)]
    [InlineData(108, 8, 0, 1_410_000, 19.5e12)]
    public void A_cards_peak_is_its_makers(int multiprocessors, int major, int minor, int kilohertz, double expected)
    {
        DevicePeak peak = DevicePeak.OfCuda(multiprocessors, major, minor, kilohertz, memoryKilohertz: 0, busBits: 0);

        Assert.Equal(expected, peak.OperationsPerSecond!.Value, 0.01 * expected);
        Assert.Null(peak.BytesPerSecond);
        Assert.Contains("memory peak unknown", peak.Source, StringComparison.Ordinal);
        Assert.Null(DevicePeak.OfCuda(multiprocessors, 99, 0, kilohertz, 0, 0).OperationsPerSecond);
    }

    public void Dispose() => _scratch.Dispose();

    private CommandRun Bench(string[] arguments) => CommandRun.Of(
        ["bench", "--config", WriteSmall(), "--quick", "--repeats", "2", .. arguments]);

    private string WriteSmall(double width = 1, int train = 12) => _scratch.Write("small.json", new JsonObject
    {
        ["experiment"] = "small",
        ["dataset"] = "builtin",
        ["train"] = train,
        ["test"] = 6,
        ["network"] = new JsonObject { ["family"] = "1989", ["width"] = width },
        ["optimizer"] = new JsonObject { ["kind"] = "adamw", ["learningRate"] = 0.003 },
        ["steps"] = 10,
        ["batch"] = "full",
    });
}
