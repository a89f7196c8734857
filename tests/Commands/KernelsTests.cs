using System.Text.Json;
using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Choosing;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Digits;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Ranks;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Tests.Commands;

/// <summary><c>--kernels</c>: what is refused, and what results say of it.</summary>
public sealed class KernelsTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Theory]
    [InlineData("fused", "--accelerator", "host", "--batch", "full")]
    [InlineData("tensor", "--accelerator", "host", "--batch", "full")]
    [InlineData("tensor", "--accelerator", "cpu", "--per-example")]
    [InlineData("tensor", "--accelerator", "auto", "--per-example")]
    public void They_are_a_devices(string kernels, params string[] engine)
    {
        CommandRun run = CommandRun.Of(["--config", _scratch.Config, "--kernels", kernels, .. engine]);

        Assert.Equal(2, run.Code);
        Assert.Contains(
            $"--kernels {kernels} is a device's, and this trains on the host. Name an --accelerator too", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("opencl")]
    public void Tensor_cores_are_a_cuda_devices(string accelerator)
    {
        VerificationTests.RequireDevice(accelerator);
        string folder = _scratch.In("run");

        CommandRun run = CommandRun.Of(
            "--config", _scratch.Config, "--kernels", "tensor", "--accelerator", accelerator, "--batch", "full", "--out", folder);

        Assert.Equal(2, run.Code);
        Assert.Contains(
            "--kernels tensor cannot train small: it takes a CUDA device with tensor cores. Use --kernels layers, or auto.",
            run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("fused")]
    [InlineData("tensor")]
    public void Several_ranks_take_the_kernels_per_layer(string name)
    {
        Assert.True(ConfigurationNames.Kernels.TryParse(name, out KernelChoice kernels));
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-fullbatch");

        string[] messages = ThreadRanks.Run(
            2,
            ranks => Assert.Throws<BadInputException>(
                () => EngineChoice.For(AcceleratorKind.Cuda, null, configuration, kernels, ranks)).Message);

        Assert.All(
            messages,
            message => Assert.StartsWith($"--kernels {name} does not go with several ranks: it cuts a batch", message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cpu", "layers", "layers")]
    [InlineData("cpu", "auto", "layers")]
    [InlineData("opencl", "layers", "layers")]
    [InlineData("opencl", "fused", "fused")]
    [InlineData("opencl", "auto", "fused")]
    public void A_result_names_those_that_took_the_steps(string accelerator, string asked, string taken)
    {
        VerificationTests.RequireDevice(accelerator);

        CommandRun run = CommandRun.Of(
            "--config", _scratch.Config, "--kernels", asked, "--accelerator", accelerator, "--batch", "full", "--passes", "1", "--json");

        Assert.True(run.Code == 0, run.Error);
        Assert.Equal(taken, (string)JsonNode.Parse(run.Output)!["kernels"]!);
        Assert.Single(run.Error.Split('\n'), line => line.StartsWith($"kernels: {taken}, ", StringComparison.Ordinal));
    }

    /// <summary>A run that goes on, by those that it was begun with, be it on a device that has no such: that is said.</summary>
    [Theory]
    [InlineData(KernelChoice.Layers, KernelChoice.Layers, null)]
    [InlineData(KernelChoice.Fused, KernelChoice.Fused, null)]
    [InlineData(KernelChoice.Auto, KernelChoice.Auto, null)]
    [InlineData(KernelChoice.Tensor, KernelChoice.Auto, "the run was begun by the kernels 'tensor', which cannot go on with it here")]
    public void A_run_goes_on_with_the_kernels_that_it_was_begun_with(KernelChoice before, KernelChoice after, string? said)
    {
        VerificationTests.RequireDevice("opencl");
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-fullbatch");
        using EngineChoice choice = EngineChoice.For(AcceleratorKind.OpenCL, null, configuration);

        ChosenKernels chosen = choice.KernelsFor(configuration, BuiltinDigits.Draw(8, 1), before);

        Assert.Equal(after, chosen.Kernels);
        Assert.Null(chosen.Choice);
        Assert.Equal(said is null, chosen.Problem is null);
        Assert.StartsWith(said ?? "", chosen.Problem ?? "", StringComparison.Ordinal);
    }

    /// <summary>They have the bits of one process by kernels per layer, whoever began.</summary>
    [Fact]
    public void Ranks_that_go_on_with_a_run_say_that_theirs_are_others()
    {
        VerificationTests.RequireDevice("opencl");
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-fullbatch");

        ChosenKernels[] chosen = ThreadRanks.Run(
            2,
            ranks =>
            {
                using EngineChoice choice = EngineChoice.For(AcceleratorKind.OpenCL, null, configuration, KernelChoice.Auto, ranks);
                return choice.KernelsFor(configuration, BuiltinDigits.Draw(8, 1), KernelChoice.Fused);
            });

        Assert.All(chosen, one => Assert.Equal(KernelChoice.Layers, one.Kernels));
        Assert.All(
            chosen, one => Assert.StartsWith("the run was begun by the kernels 'fused', ", one.Problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Each_of_several_seeds_names_them()
    {
        CommandRun run = CommandRun.Of(
            "--config", _scratch.Config, "--accelerator", "cpu", "--batch", "full", "--passes", "1", "--runs", "2", "--json");

        Assert.True(run.Code == 0, run.Error);
        Assert.Equal(["layers", "layers"], JsonNode.Parse(run.Output)!["runs"]!.AsArray().Select(one => (string)one!["kernels"]!));
    }

    [Fact]
    public void Results_of_earlier_versions_name_none()
    {
        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--accelerator", "host", "--json");
        JsonObject json = JsonNode.Parse(run.Output)!.AsObject();
        Assert.False(json.ContainsKey("kernels"));

        Assert.Null(Read(json).Kernels);
        json["kernels"] = "tensor";
        Assert.Equal(KernelChoice.Tensor, Read(json).Kernels);
        json["kernels"] = "Tensor";
        Assert.Throws<JsonException>(() => Read(json));
    }

    public void Dispose() => _scratch.Dispose();

    private static RunResult Read(JsonObject json) => JsonSerializer.Deserialize(json, ResultJson.Relaxed.RunResult)!;
}
