using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.FullBatch;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Kernels;

/// <summary>The step of two launches, beside the host's.</summary>
[Collection(nameof(DeviceTests))]
public class FusedStepTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>
{
    private static readonly Noise s_noise = new(3, 4, maximumShift: 2, dropout: 0.25f);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 8)]
    [InlineData(0, 9)]
    [InlineData(5, 100)]
    public void ABatchOfAnySizeHasTheHostsGradient(int start, int count)
    {
        DeviceDescription description = devices.Require(DeviceKind.OpenCL);
        foreach (NetworkOptions network in new NetworkOptions[]
        {
            NetworkOptions.Base1989,
            new(HiddenActivation.ReLU, OutputActivation.Linear, Loss.CrossEntropy) { LabelSmoothing = 0.1 },
        })
        {
            Examples examples = RandomNetwork.Examples(new Random(count), start + count + 2);
            float[] parameters = RandomNetwork.Parameters(new Random(1));
            using AcceleratorTrainer device = new(
                devices.Discovery, description, network, OptimizerKind.Sgd, examples, examples, count,
                kernels: KernelChoice.Fused);
            using HostTrainer host = new(network, OptimizerKind.Sgd, examples, examples);
            device.Load(parameters);
            host.Load(parameters);
            float[] expected = new float[Parameters.Count];
            float[] actual = new float[Parameters.Count];

            foreach (Noise noise in new[] { Noise.None, s_noise })
            {
                device.Gradient(start, count, noise, actual);
                host.Gradient(start, count, noise, expected);
                foreach (ParameterPart part in Parameters.Parts)
                {
                    ReadOnlySpan<float> e = part.Of((ReadOnlySpan<float>)expected);
                    ReadOnlySpan<float> a = part.Of((ReadOnlySpan<float>)actual);
                    float largest = 0;
                    float worst = 0;
                    for (int i = 0; i < e.Length; i++)
                    {
                        largest = Math.Max(largest, Math.Abs(e[i]));
                        worst = Math.Max(worst, Math.Abs(e[i] - a[i]));
                    }

                    Assert.True(worst <= 1e-5f * largest, $"{part.Name}: {worst} of {largest}, {count} examples");
                }
            }
        }
    }
}
