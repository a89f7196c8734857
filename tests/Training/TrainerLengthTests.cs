using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;

namespace GpuConvnet.Tests.Training;

/// <summary>Each trainer refuses vectors that are not as long as its network's.</summary>
public sealed class TrainerLengthTests
{
    private static readonly Examples s_examples = BuiltinDigits.Draw(4, seed: 1);

    [Fact]
    public void On_the_host() => Require(new HostTrainer(NetworkOptions.Base1989, Optimizer.Sgd, s_examples, s_examples, threads: 1));

    [Fact]
    public void Per_example() => Require(new PerExampleTrainer(NetworkOptions.Base1989, Optimizer.Sgd, s_examples, s_examples));

    [Fact]
    public void Of_any_network() =>
        Require(new LayerTrainer(Zip1989.Create(NetworkOptions.Base1989, dropout: 0), Optimizer.Sgd, s_examples, s_examples, threads: 1));

    [Fact]
    public void On_a_device()
    {
        using AcceleratorDiscovery discovery = new(DeviceKind.Cpu);
        Require(new AcceleratorTrainer(
            discovery, discovery.Devices[0], NetworkOptions.Base1989, Optimizer.Sgd, s_examples, s_examples, batch: s_examples.Count));
    }

    private static void Require(ITrainer created)
    {
        using ITrainer trainer = created;
        foreach (int length in (int[])[Parameters.Count - 1, Parameters.Count + 1])
        {
            float[] values = new float[length];
            Assert.Throws<ArgumentException>("parameters", () => trainer.Load(values));
            Assert.Throws<ArgumentException>("parameters", () => trainer.Store(values));
            Assert.Throws<ArgumentException>("state", () => trainer.LoadState(new TrainingState(values, values, values)));
            Assert.Throws<ArgumentException>("gradient", () => trainer.Gradient(0, 1, Perturbation.None, values));
        }
    }
}
