using System.Text.Json.Nodes;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Tests.Commands;

namespace GpuConvnet.Tests.Kernels;

/// <summary><c>trainer verify</c>, whole, on every engine that is here.</summary>
public class VerificationTests
{
    [Theory]
    [InlineData("host")]
    [InlineData("cpu")]
    [InlineData("opencl")]
    [InlineData("cuda")]
    public void EveryCheckPasses(string accelerator)
    {
        RequireDevice(accelerator);

        CommandRun run = CommandRun.Of("verify", "--accelerator", accelerator, "--json");

        Assert.True(run.Code == 0, run.Error);
        JsonArray checks = JsonNode.Parse(run.Output)!["checks"]!.AsArray();
        Assert.InRange(checks.Count, 19, 40);
        Assert.Contains(checks, check => (string)check!["what"]! == "PyTorch: 20 steps of sgdm");
    }

    [Fact]
    public void AFolderOfGoldenFilesIsComparedWith()
    {
        using Data.ScratchFolder folder = new();
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "golden", "net")))
        {
            folder.Write(Path.GetFileName(file), File.ReadAllBytes(file));
        }

        float[] gradient = Golden.Net("relu_grad_batch16");
        gradient[1234] += 1e-4f;
        folder.Write(
            "relu_grad_batch16.f32",
            System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(gradient).ToArray());

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
        using Data.ScratchFolder folder = new();
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "golden", "net")))
        {
            byte[] content = File.ReadAllBytes(file);
            folder.Write(Path.GetFileName(file), Path.GetFileName(file) == name ? content[..bytes] : content);
        }

        CommandRun run = CommandRun.Of("verify", "--accelerator", "host", "--golden", folder.FullPath);

        Assert.Equal(2, run.Code);
        Assert.Contains(Path.GetFileNameWithoutExtension(name), run.Error, StringComparison.Ordinal);
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
