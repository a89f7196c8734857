using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Model.Training;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Simulator.Sass;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;
using GpuConvnet.Tests.Sass;
using ILGPU;

namespace GpuConvnet.Tests.Ptx;

/// <summary>
/// What an NVIDIA driver would be given for any network, executed: the kernels' PTX computes what the host's layers do, with
/// no race and no address outside a buffer, and its values stay in registers.
/// </summary>
public sealed class PtxNetworkTests(ITestOutputHelper output) : IDisposable
{
    private static readonly OptimizerOptions s_adamW = new(Optimizer.Of<AdamW>(), 0.002) { WeightDecay = 0.1 };

    private readonly SimulatedGpu _gpu = new(kernels: KernelsOfTheRun.Folder);

    public static TheoryData<string> Names =>
        [.. LayerNetworks.All.Keys, .. TaughtNetworks.Names.Select(name => Taught + (string)name)];

    private const string Taught = "taught: ";

    [Theory]
    [MemberData(nameof(Names))]
    public void TheKernelsDoWhatTheHostDoes(string name)
    {
        LayerNetwork network = Named(name).Network;
        Train(name, out TrainingState expected, out TrainingState actual, out Evaluation expectedLoss, out Evaluation actualLoss);

        // After one step the first moments are the gradient.
        foreach (ParameterPart part in network.Parts)
        {
            GradientAssert.Near(part, expected.States[0], actual.States[0], 1e-5f);
            GradientAssert.Near(part, expected.Parameters, actual.Parameters, 1e-4f);
        }

        Assert.Equal(expectedLoss.Misses, actualLoss.Misses);
        Assert.InRange(actualLoss.Loss, expectedLoss.Loss * (1 - 1e-5), expectedLoss.Loss * (1 + 1e-5));
        Assert.NotEmpty(_gpu.Accelerator.Runs);
        Assert.All(_gpu.Accelerator.Runs, run =>
        {
            Assert.Empty(run.Races);

            // Of kernels of an index ILGPU promises what it cannot keep: see PtxKernelTests.
            Assert.True(run.BrokenPromises.Count == 0 || run.Launch.Arguments[0] is IIndex, run.Launch.Program.Text);
            PtxTests.AssertStaysInRegistersAndCallsNothing(run.Launch.Program.Text);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheMachineCodeSpillsNothing(string name)
    {
        CudaNeeded.SkipIfMissing();
        Train(name, out _, out _, out _, out _);
        foreach (string ptx in _gpu.Accelerator.Runs.Select(run => run.Launch.Program.Text).Distinct())
        {
            string report = CudaTools.Assemble(ptx, "sm_90");
            string kernel = ptx[ptx.IndexOf(".entry", StringComparison.Ordinal)..].Split('(')[0];
            output.WriteLine($"{kernel}: {SassProgram.RegistersOf(report)} registers");
            Assert.InRange(SassProgram.RegistersOf(report), 1, 128);
            Assert.Equal(0, SassProgram.SpilledBytesOf(report));
        }
    }

    public void Dispose() => _gpu.Dispose();

    private static (LayerNetwork Network, Teacher? Teacher) Named(string name) => name.StartsWith(Taught, StringComparison.Ordinal)
        ? TaughtNetworks.Of(name[Taught.Length..])
        : (LayerNetworks.All[name](), null);

    /// <summary>A step of two blocks, and an evaluation, on the host and by the kernels.</summary>
    private void Train(
        string name, out TrainingState expected, out TrainingState actual, out Evaluation expectedLoss,
        out Evaluation actualLoss)
    {
        (LayerNetwork network, Teacher? teacher) = Named(name);
        Examples examples = RandomNetwork.Examples(new Random(2), 20);
        float[] parameters = LayerNetworks.Parameters(network, seed: 1);
        BatchStep step = new(1, 19, s_adamW.Constants(0.002, 0), new Perturbation(3, 4, maximumShift: 2, dropout: 0.1f));
        using LayerTrainer host = new(network, s_adamW.Kind, examples, examples, teacher: teacher);
        using AcceleratorTrainer trainer = new(
            _gpu.Discovery, _gpu.Device, network, s_adamW.Kind, examples, examples, examples.Count, lanes: 16, teacher: teacher);
        foreach (ITrainer each in new ITrainer[] { host, trainer })
        {
            each.Load(parameters);
            each.Take([step]);
        }

        expected = host.SaveState();
        actual = trainer.SaveState();
        expectedLoss = host.Evaluate(Split.Test);
        actualLoss = trainer.Evaluate(Split.Test);
    }
}
