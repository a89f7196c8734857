using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Training;
using GpuConvnet.Model.Verification;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Data;
using GpuConvnet.Trainer.Studies.Verification;

namespace GpuConvnet.Tests.Kernels;

/// <summary><c>trainer verify</c>, whole, on every engine that is here; on ILGPU's CPU accelerator, which is slow, a part of it.</summary>
public class VerificationTests
{
    [Theory]
    [InlineData("host")]
    [InlineData("opencl")]
    [InlineData("cuda")]
    [Trait("Speed", "Slow")]
    public void EveryCheckPasses(string accelerator)
    {
        RequireDevice(accelerator);

        CommandRun run = CommandRun.Of("verify", "--accelerator", accelerator, "--json");

        Assert.True(run.Code == 0, run.Error);
        JsonArray checks = JsonNode.Parse(run.Output)!["checks"]!.AsArray();
        Assert.InRange(checks.Count, 33, 83);
        Assert.Equal(
            accelerator == "cuda" && !run.Error.Contains("tensor kernel is not among the checks", StringComparison.Ordinal),
            checks.Any(check => ((string)check!["what"]!).StartsWith("tensor", StringComparison.Ordinal)));
        Assert.True(accelerator == "cuda" || !run.Error.Contains("tensor", StringComparison.Ordinal), run.Error);
        Assert.Contains(checks, check => (string)check!["what"]! == "PyTorch: 20 steps of sgdm");
    }

    /// <summary>
    /// Every kind of kernels: of the network of 1989 with every optimizer, of any network, and of second derivatives. The other
    /// activations and losses are the same files' with another type, which OpenCL is asked for, and take minutes.
    /// </summary>
    [Fact]
    [Trait("Speed", "Slow")]
    public void ThoseOfTheCpuAcceleratorPass()
    {
        using AcceleratorDiscovery discovery = new(DeviceKind.Cpu) { KernelCache = KernelsOfTheRun.Folder };
        List<VerificationCase> taken = [];

        IReadOnlyList<VerificationCheck> checks =
            new Verifier(Create, new GoldenFiles(folder: null)).Execute(TestContext.Current.CancellationToken);

        Assert.All(
            checks,
            check => Assert.True(check.Passed, $"{check.What}: {check.WorstAbsolute}, {check.WorstRelative}, tolerance {check.Tolerance}"));
        Assert.Equal(GoldenFiles.Optimizers.Select(named => $"{named.Options.Kind}").Append("newton").Append("muon").Order().Distinct(),
            taken.Select(each => $"{each.Optimizer}").Order().Distinct());
        Assert.Contains(taken, each => each.AsLayers);
        Assert.Contains(taken, each => each.Network.WeightNormalization);
        Assert.Contains(taken, each => each.MemoryLimit > 0);

        ITrainer Create(VerificationCase asked)
        {
            if (asked.Network with { WeightNormalization = false } != NetworkOptions.Base1989 && $"{asked.Optimizer}" != "newton")
            {
                return new HostTrainer(asked.Network, asked.Optimizer, asked.Train, asked.Test);
            }

            taken.Add(asked);
            return asked.AsLayers
                ? new AcceleratorTrainer(
                    discovery, discovery.Devices[0], Zip1989.Create(asked.Network, VerificationCase.Dropout), asked.Optimizer, asked.Train,
                    asked.Test, asked.Train.Count, asked.MemoryLimit, distorts: asked.Distorts)
                : new AcceleratorTrainer(
                    discovery, discovery.Devices[0], asked.Network, asked.Optimizer, asked.Train, asked.Test, asked.Train.Count,
                    asked.MemoryLimit, distorts: asked.Distorts, kernels: KernelChoice.Layers);
        }
    }

    [Fact]
    public void AFolderOfGoldenFilesIsComparedWith()
    {
        using ScratchFolder folder = CopyOfGoldenFiles();

        float[] gradient = Golden.Net("relu_grad_batch16");
        gradient[1234] += 1e-4f;
        folder.Write(
            "relu_grad_batch16.f32",
            MemoryMarshal.AsBytes<float>(gradient).ToArray());

        CommandRun run = CommandRun.Of("verify", "--accelerator", "host", "--golden", folder.FullPath);

        Assert.Equal(1, run.Code);
        Assert.Contains("NOT verified: 1 of", run.Output, StringComparison.Ordinal);
        string failed = Assert.Single(run.OutputLines, line => line.EndsWith("FAILED", StringComparison.Ordinal));
        Assert.StartsWith("PyTorch: gradients, batch 16", failed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base_init.f32", 100)]
    [InlineData("manifest.json", 10)]
    public void ATruncatedGoldenFileIsBadInput(string name, int bytes)
    {
        using ScratchFolder folder = CopyOfGoldenFiles();
        folder.Write(name, File.ReadAllBytes(folder.In(name)).AsSpan(0, bytes).ToArray());

        CommandRun run = CommandRun.Of("verify", "--accelerator", "host", "--golden", folder.FullPath);

        Assert.Equal(2, run.Code);
        Assert.Contains(Path.GetFileNameWithoutExtension(name), run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"examples\": 16", "\"examples\": -1", "examples is -1")]
    [InlineData("\"base_loss_batch16\": 0.650582492351532", "\"base_loss_batch16\": \"\"", "base_loss_batch16")]
    [InlineData("\"seed\": 1337", "\"seed\": 1e99", "manifest")]
    public void AWrongManifestIsBadInput(string right, string wrong, string message)
    {
        using ScratchFolder folder = CopyOfGoldenFiles();

        string manifest = File.ReadAllText(folder.In("manifest.json"));
        Assert.Contains(right, manifest, StringComparison.Ordinal);
        File.WriteAllText(folder.In("manifest.json"), manifest.Replace(right, wrong, StringComparison.Ordinal));

        CommandRun run = CommandRun.Of("verify", "--accelerator", "host", "--golden", folder.FullPath);

        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingGoldenFolderIsBadInput()
    {
        CommandRun run = CommandRun.Of("verify", "--accelerator", "host", "--golden", "nowhere");

        Assert.Equal(2, run.Code);
        Assert.Contains("--golden", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNoNumberFailsAndIsReportedAsJson()
    {
        using ScratchFolder folder = CopyOfGoldenFiles();

        float[] outputs = Golden.Net("base_output");
        outputs[7] = float.NaN;
        folder.Write(
            "base_output.f32",
            MemoryMarshal.AsBytes<float>(outputs).ToArray());

        CommandRun run = CommandRun.Of("verify", "--accelerator", "host", "--golden", folder.FullPath, "--json");

        Assert.Equal(1, run.Code);
        JsonNode result = JsonNode.Parse(run.Output)!;
        Assert.False((bool)result["passed"]!);
        JsonNode failed = Assert.Single(result["checks"]!.AsArray(), check => !(bool)check!["passed"]!)!;
        Assert.Equal("PyTorch: outputs", (string)failed["what"]!);
        Assert.Equal("Infinity", (string)failed["worstAbsolute"]!);
    }

    [Fact]
    public void AMissingDeviceIsBadInputThatSaysWhatToInstall()
    {
        using AcceleratorDiscovery discovery = new(DeviceKind.Cuda);
        Assert.SkipWhen(discovery.Devices.Count > 0, "There is an NVIDIA GPU here.");

        CommandRun run = CommandRun.Of("verify", "--accelerator", "cuda");

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("NVIDIA's driver", run.Error, StringComparison.Ordinal);
    }

    private static ScratchFolder CopyOfGoldenFiles()
    {
        ScratchFolder folder = new();
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "golden", "net")))
        {
            folder.Write(Path.GetFileName(file), File.ReadAllBytes(file));
        }

        return folder;
    }

    internal static void RequireDevice(string accelerator)
    {
        DeviceKind? kind = accelerator switch
        {
            "cuda" => DeviceKind.Cuda,
            "opencl" => DeviceKind.OpenCL,
            _ => null,
        };
        if (kind is { } needed)
        {
            using AcceleratorDiscovery discovery = new(needed);
            Assert.SkipWhen(
                discovery.Devices.Count == 0,
                $"There is no {accelerator} device here; 'trainer devices' says what to install.");
        }
    }
}
