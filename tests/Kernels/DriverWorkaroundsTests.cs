using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;
using ILGPU.Runtime;

namespace GpuConvnet.Tests.Kernels;

/// <summary>What is done to ILGPU, on devices that are here; CUDA, for which some of it is meant, may not be.</summary>
public class DriverWorkaroundsTests
{
    [Theory]
    [InlineData(DeviceKind.Cpu, 20)]
    [InlineData(DeviceKind.OpenCL, 100)]
    public void ADeviceTrainsOnAStreamOfItsOwnAsOnILGPUs(DeviceKind kind, int count)
    {
        Examples examples = RandomNetwork.Examples(new Random(5), count);
        float[] initial = RandomNetwork.Parameters(new Random(7));
        float[][] results = [.. new[] { false, true }.Select(ownStream =>
        {
            using DiscoveredDevices devices = new();
            DeviceDescription description = devices.Require(kind);
            Accelerator accelerator = devices.Discovery.Open(description).Accelerator;
            AcceleratorStream before = accelerator.DefaultStream;
            if (ownStream)
            {
                DriverWorkarounds.GiveOwnStream(accelerator);
                Assert.NotSame(before, accelerator.DefaultStream);
            }

            using AcceleratorTrainer trainer = new(
                devices.Discovery, description, NetworkOptions.Base1989, Optimizer.Of<AdamW>(), examples, examples, count);
            trainer.Load(initial);
            for (int step = 0; step < 2; step++)
            {
                trainer.Take([new BatchStep(
                    0, count, new OptimizerOptions(Optimizer.Of<AdamW>(), 0.01).Constants(0.01, step), Perturbation.None)]);
            }

            float[] parameters = new float[Parameters.Count];
            trainer.Store(parameters);
            Evaluation evaluation = trainer.SnapshotAsync().GetAwaiter().GetResult().Test;
            return (float[])[.. parameters, (float)evaluation.Loss];
        })];

        Assert.Equal(results[0], results[1]);
        Assert.NotEqual(initial, results[0][..Parameters.Count]);
    }
}
