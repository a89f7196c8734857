using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Steps that move whole matrices, whose lengths do not matter: what is large is as good as what is small.</summary>
public sealed class MatrixStepTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>
{
    /// <summary>Squares of 1e17 are beyond float32, those of 1e10 are not.</summary>
    [Theory]
    [InlineData(DeviceKind.Cpu, 1e-3f)]
    [InlineData(DeviceKind.Cpu, 1e17f)]
    [InlineData(DeviceKind.OpenCL, 1f)]
    [InlineData(DeviceKind.OpenCL, 1e10f)]
    [InlineData(DeviceKind.OpenCL, 1e17f)]
    [InlineData(DeviceKind.OpenCL, 1e30f)]
    public void A_momentum_of_any_length_moves_matrices_as_the_host_does(DeviceKind kind, float length)
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 4);
        OptimizerOptions muon = new(Optimizer.Of<Muon>(), 0.01);
        using AcceleratorTrainer device = new(
            devices.Discovery, devices.Require(kind), NetworkOptions.Base1989, muon.Kind, examples, examples, examples.Count,
            kernels: KernelChoice.Layers);
        using HostTrainer host = new(NetworkOptions.Base1989, muon.Kind, examples, examples);

        float[] expected = Step(host, muon, length);
        float[] actual = Step(device, muon, length);

        Assert.All(expected, value => Assert.True(float.IsFinite(value)));
        Assert.NotEqual(RandomNetwork.Parameters(new Random(2)), expected);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 2e-6f);
        }
    }

    private static float[] Step(ITrainer trainer, OptimizerOptions muon, float length)
    {
        float[] parameters = RandomNetwork.Parameters(new Random(2));
        Random random = new(3);
        float[] momentum = new float[parameters.Length];
        foreach (WeightMatrix matrix in WeightMatrix.Of(Parameters.Parts))
        {
            for (int i = 0; i < matrix.Rows * matrix.Columns; i++)
            {
                momentum[matrix.Offset + i] = length * (float)(random.NextDouble() - 0.4);
            }
        }

        trainer.LoadState(new TrainingState(parameters, momentum, new float[parameters.Length]));
        trainer.Take([new BatchStep(0, 4, muon.Constants(muon.LearningRate, step: 5), Perturbation.None)]);
        float[] moved = new float[parameters.Length];
        trainer.Store(moved);
        return moved;
    }
}
