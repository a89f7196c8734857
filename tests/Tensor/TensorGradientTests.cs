using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Reference;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;
using GpuConvnet.Tests.Ptx;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Tests.Tensor;

/// <summary>How far the fused kernels' gradients are from double precision, and what the one on tensor cores refuses.</summary>
public sealed class TensorGradientTests(ITestOutputHelper output) : IDisposable
{
    private const int Count = 24;

    private readonly SimulatedGpu _gpu = new(kernels: KernelsOfTheRun.Folder);

    public static TheoryData<NetworkOptions> Networks => new(
        NetworkOptions.Base1989,
        new NetworkOptions(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()));

    /// <summary>The errors of docs/kernels.md, of random networks and images: of each part's largest gradient.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void GradientsAreWithinFloat32sTolerance(NetworkOptions network)
    {
        Examples examples = RandomNetwork.Examples(new Random(5), Count);
        float[] parameters = RandomNetwork.Parameters(new Random(6));
        double[] exact = new double[Parameters.Count];
        ReferenceNetwork reference = new(network, [.. parameters.Select(value => (double)value)]);
        for (int example = 0; example < Count; example++)
        {
            reference.AddGradient(
                examples.Pixels.AsSpan(example * Shape1989.InputUnits, Shape1989.InputUnits), examples.Labels[example], 1.0 / Count, exact);
        }

        foreach ((KernelChoice kernels, double most) in new[] { (KernelChoice.Fused, 1e-6), (KernelChoice.Tensor, 4e-6) })
        {
            using AcceleratorTrainer trainer = Trainer(network, examples, kernels);
            trainer.Load(parameters);
            float[] actual = new float[Parameters.Count];
            trainer.Gradient(0, Count, Perturbation.None, actual);

            foreach (ParameterPart part in Parameters.Parts)
            {
                double[] right = exact[part.Offset..(part.Offset + part.Count)];
                float[] found = part.Of((ReadOnlySpan<float>)actual).ToArray();
                double error = right.Zip(found, (one, other) => Math.Abs(one - other)).Max() / right.Max(Math.Abs);
                output.WriteLine(FormattableString.Invariant($"{network.Hidden.Name} {kernels} {part.Name}: {error:E1}"));
                Assert.InRange(error, 0, most);
            }
        }
    }

    [Fact]
    public void TheExponentialsTanhIsWithinItsError()
    {
        float[] sums = [0f, 1e-6f, 0.001f, -0.02f, 0.3f, -1f, 2.5f, -9f, 50f, float.PositiveInfinity, float.NegativeInfinity, float.NaN];
        using MemoryBuffer1D<float, Stride1D.Dense> values = _gpu.Accelerator.Allocate1D(sums);
        string ptx = PtxTests.Compile(
            typeof(TanhKernels).GetMethod(nameof(TanhKernels.Apply))!, CudaArchitecture.SM_80,
            new KernelSpecialization(sums.Length, null));

        PtxMachine.Run(new PtxLaunch(
            PtxProgram.Parse(ptx), _gpu.Accelerator.Memory, (1, 1), (sums.Length, 1), [values.View.AsContiguous()])).AssertDefined();

        float[] tangents = values.GetAsArray1D();
        Assert.True(float.IsNaN(tangents[^1]));
        Assert.All(
            sums.Zip(tangents).SkipLast(1),
            pair => Assert.InRange(Math.Abs(pair.Second - Math.Tanh(pair.First)), 0, 1.5e-7));
    }

    [Fact]
    public void ANetworkThatItDoesNotFitIsRefused()
    {
        Examples examples = RandomNetwork.Examples(new Random(5), Count);
        H2Connections others = new(
            [.. Enumerable.Range(0, 12).Select(map => Enumerable.Range(map / 4, 8).ToArray())]);
        NetworkOptions gelu = new(Activation.Of<Gelu>(), Activation.Of<Tanh>(), Loss.Of<SquaredError>());

        InvalidOperationException connections = Assert.Throws<InvalidOperationException>(
            () => Trainer(NetworkOptions.Base1989 with { Connections = others }, examples, KernelChoice.Tensor));
        InvalidOperationException activation = Assert.Throws<InvalidOperationException>(
            () => Trainer(gelu, examples, KernelChoice.Tensor));

        Assert.Equal(
            "The tensor kernel cannot train this: it is cut for the article's connections, of which two groups of H2 read each four maps of "
            + "H1.",
            connections.Message);
        Assert.Contains("GELU", activation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADeviceWithoutTensorCoresIsRefused()
    {
        Examples examples = RandomNetwork.Examples(new Random(5), Count);
        using AcceleratorDiscovery discovery = AcceleratorDiscovery.ForGroupsOf(256, DeviceKind.Cpu);

        InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(() => new AcceleratorTrainer(
            discovery, discovery.Devices[0], NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples, Count,
            kernels: KernelChoice.Tensor));

        Assert.Equal("The tensor kernel cannot train this: it takes a CUDA device with tensor cores.", refusal.Message);
    }

    public void Dispose() => _gpu.Dispose();

    private AcceleratorTrainer Trainer(NetworkOptions network, Examples examples, KernelChoice kernels) => new(
        _gpu.Discovery, _gpu.Device, network, Optimizer.Of<Sgd>(), examples, examples, Count, kernels: kernels);
}
