using System.Text.Json;
using GpuConvnet.Tests.Data;

namespace GpuConvnet.Tests.Cuda;

/// <summary>What the program does with <c>--kernels tensor</c> on CUDA devices, of which some have no such cores.</summary>
public sealed class TensorKernelsTests(StubDriver driver) : IClassFixture<StubDriver>
{
    private static readonly string[] s_training = ["--dataset", "builtin", "--accelerator", "cuda", "--batch", "full", "--no-save"];

    [Theory]
    [InlineData("tensor", "tensor", "sums by tensor cores")]
    [InlineData("fused", "fused", "activations stay on the chip")]
    [InlineData("layers", "layers", "a launch per layer and direction")]
    public void TheKernelsThatTakeTheStepsAreSaid(string asked, string taken, string how)
    {
        (int code, string output, string error, string[] log) = driver.Run(
            ["--config", "1989-fullbatch", .. s_training, "--steps", "2", "--kernels", asked, "--json"]);

        Assert.True(code == 0, error);
        Assert.Equal(taken, JsonDocument.Parse(output).RootElement.GetProperty("kernels").GetString());
        string line = Assert.Single(error.Split('\n'), line => line.StartsWith("kernels: ", StringComparison.Ordinal)).Trim();
        Assert.StartsWith($"kernels: {taken}, ", line, StringComparison.Ordinal);
        Assert.EndsWith(how, line, StringComparison.Ordinal);
        Assert.Equal(taken != "layers", log.Any(entry => entry.StartsWith("launch Kernel_Gradient", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("modern-gelu", 90, "GELU's slopes would need more shared memory than there is")]
    [InlineData("1989-owntable", 90, "it is cut for the article's connections, of which two groups of H2 read each four maps of H1")]
    [InlineData("1989-weightnorm", 90, "weight normalization needs the gradient itself")]
    [InlineData("1989-fullbatch", 75, "it takes compute capability 8.0 or higher, and the device has 7.5")]
    public void WhatTheyCannotTrainIsRefusedBeforeAnythingIsCompiled(string config, int capability, string reason)
    {
        (int code, string output, string error, string[] log) = driver.Run(
            ["--config", config, .. s_training, "--kernels", "tensor", "--json"], capability: capability);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(
            $"--kernels tensor cannot train {config}: {reason}. Use --kernels layers, or auto.", error, StringComparison.Ordinal);
        Assert.DoesNotContain(log, line => line.StartsWith("module", StringComparison.Ordinal));
    }

    /// <summary>The driver computes nothing, so that checks fail; those of tensor cores are among them all the same.</summary>
    [Fact]
    public void AVerificationHasTheirChecks()
    {
        (int code, string output, _, _) = driver.Run(["verify", "--accelerator", "cuda"]);

        Assert.Equal(1, code);
        foreach (string check in new[] { "H1w gradient", "loss", "again, bit for bit", "whole matrices, 3 steps" })
        {
            Assert.Contains($"\nfused: {check} ", output, StringComparison.Ordinal);
            Assert.Contains($"\ntensor: {check} ", output, StringComparison.Ordinal);
        }

        Assert.Contains("\ntensor, PyTorch: 20 steps of sgdm ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void AVerificationWithoutThemSaysWhyAndThatItsKernelsCannotBeKept()
    {
        using ScratchFolder scratch = new();
        File.WriteAllText(scratch.In("file"), "not a folder");

        (int code, string output, string error, _) =
            driver.Run(["verify", "--accelerator", "cuda"], scratch.In("file"), capability: 75);

        Assert.Equal(("", 1), (error, code));
        Assert.Contains("note: the next start has to compile the kernels again", output, StringComparison.Ordinal);
        Assert.Contains(scratch.In("file"), output, StringComparison.Ordinal);
        Assert.Contains(
            "the tensor kernel is not among the checks: it takes compute capability 8.0 or higher, and the device has 7.5",
            output, StringComparison.Ordinal);
        Assert.Contains("\nfused: H1w gradient ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\ntensor", output, StringComparison.Ordinal);
    }

    [Fact]
    public void ABenchmarkSaysThatItsPeakIsNotTheirs()
    {
        (int code, string output, string error, _) = driver.Run(
            [
                "bench", "--accelerator", "cuda", "--config", "1989-fullbatch", "--kernels", "tensor", "--repeats", "1", "--batches", "none",
                "--json",
            ]);

        Assert.True(code == 0, error);
        JsonElement result = JsonDocument.Parse(output).RootElement;
        Assert.Equal("tensor", result.GetProperty("kernels").GetString());
        Assert.Contains(
            result.GetProperty("notes").EnumerateArray(),
            note => note.GetString()!.StartsWith("the peak is that of float32 outside tensor cores", StringComparison.Ordinal));
    }
}
