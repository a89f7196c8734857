using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Data;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Compilation;

/// <summary>Training with kernels that an earlier run has kept; of CUDA's, see <see cref="Cuda.StubDriverTests"/>.</summary>
public sealed class KernelLoaderTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Theory]
    [InlineData(KernelChoice.Fused, 3)]
    [InlineData(KernelChoice.Layers, 14)]
    public void KeptKernelsTrainToTheSameBits(KernelChoice kernels, int count)
    {
        float[] made = Train(new KernelCache(_scratch.In("kept")), kernels);
        Dictionary<string, DateTime> files = Files();
        float[] restored = Train(new KernelCache(_scratch.In("kept")), kernels);

        Assert.Equal(made, restored);
        Assert.Equal(count, files.Count);
        Assert.Equal(files, Files());
    }

    [Fact]
    public void ItIsTheKeptTextThatTheDeviceGets()
    {
        Train(new KernelCache(_scratch.In("kept")), KernelChoice.Fused);
        KernelCache folder = new(_scratch.In("kept"));
        string update = Files().Keys.Single(name => name.Contains(".Update-", StringComparison.Ordinal));
        folder.Add(update, folder.Find(update)! with { Text = "no OpenCL C" });

        Assert.Throws<DeviceException>(() => Train(folder, KernelChoice.Fused));

        File.AppendAllText(_scratch.In("kept", update), "torn");
        Train(folder, KernelChoice.Fused);
        Assert.Contains("kernel void Kernel_Update", folder.Find(update)!.Text, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private Dictionary<string, DateTime> Files() => Directory.EnumerateFiles(_scratch.In("kept"), "*-*")
        .ToDictionary(path => Path.GetFileName(path), File.GetLastWriteTimeUtc);

    private static float[] Train(KernelCache folder, KernelChoice kernels)
    {
        using DiscoveredDevices devices = new();
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        devices.Discovery.KernelCache = folder;
        Examples examples = RandomNetwork.Examples(new Random(3), 40);
        OptimizerOptions adamW = new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 };
        using AcceleratorTrainer trainer = new(
            devices.Discovery, device, NetworkOptions.Base1989, adamW.Kind, examples, examples, 40, kernels: kernels);
        trainer.Load(RandomNetwork.Parameters(new Random(1)));
        for (int step = 0; step < 3; step++)
        {
            trainer.Take([new BatchStep(0, 40, adamW.Constants(0.003, step), new Perturbation(5, (uint)step, 1, 0.25f))]);
        }

        float[] result = new float[Parameters.Count + 1];
        trainer.Store(result.AsSpan(0, Parameters.Count));
        result[^1] = (float)trainer.Evaluate(Split.Test).Loss;
        return result;
    }
}
