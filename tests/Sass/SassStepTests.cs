using System.Globalization;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Matrices;
using GpuConvnet.Kernels.Tensor;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Simulator.Sass;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;
using ILGPU.Runtime;

namespace GpuConvnet.Tests.Sass;

/// <summary>
/// The fused kernel's machine code, executed on a model of a multiprocessor: it computes what the host does, and the model
/// says how long a step would take. <c>-class '*SassStepTests' -showLiveOutput</c> prints it; it is no measurement.
/// </summary>
public class SassStepTests(ITestOutputHelper output)
{
    private const int TrainingExamples = 7291;

    [Theory]
    [InlineData("sm_80", KernelChoice.Fused)]
    [InlineData("sm_90", KernelChoice.Fused)]
    [InlineData("sm_90", KernelChoice.Tensor)]
    public void TheFusedKernelsMachineCodeHasTheHostsGradient(string architecture, KernelChoice kernels)
    {
        CudaNeeded.SkipUnlessKnown();
        SassGpu gpu = Gpu(architecture);
        Perturbation perturbation = new(3, 4, maximumShift: 2, dropout: 0.25f);
        Examples examples = RandomNetwork.Examples(new Random(2), 48);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        foreach (NetworkOptions network in new[]
        {
            NetworkOptions.Base1989, new(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()),
        })
        {
            using HostTrainer host = new(network, Optimizer.Of<Sgd>(), examples, examples);
            host.Load(parameters);
            using SimulatedGpu simulated = new(kernels: KernelsOfTheRun.Folder);
            using AcceleratorTrainer trainer = new(
                simulated.Discovery, simulated.Device, network, Optimizer.Of<Sgd>(), examples, examples, examples.Count,
                kernels: kernels);
            trainer.Load(parameters);

            // Five tiles of four groups, the last of which is not whole.
            simulated.Accelerator.Machine = launch =>
            {
                new SassMultiprocessor(
                    SassProgram.Of(launch.Program.Text, gpu.Architecture), gpu, launch,
                    Enumerable.Range(0, launch.Grid.X), together: 2).Run();
                return null;
            };
            float[] actual = new float[Parameters.Count];
            trainer.Gradient(3, 37, perturbation, actual);

            float[] expected = new float[Parameters.Count];
            host.Gradient(3, 37, perturbation, expected);
            GradientAssert.Near(expected, actual, 37);
        }
    }

    [Theory]
    [InlineData("sm_80", KernelChoice.Fused, 330_000)]
    [InlineData("sm_90", KernelChoice.Fused, 176_000)]
    [InlineData("sm_80", KernelChoice.Tensor, 165_000)]
    [InlineData("sm_90", KernelChoice.Tensor, 95_000)]
    public void AStepOfTheTrainingSetTakesAMultiprocessorSoManyCycles(string architecture, KernelChoice kernels, int most)
    {
        CudaNeeded.SkipUnlessKnown();
        SassGpu gpu = Gpu(architecture);
        int groups = FusedKernels.Groups(TrainingExamples, gpu.Gpu.Multiprocessors);
        PtxLaunch step = LaunchOfAStep(gpu.Gpu.Multiprocessors, kernels);
        Assert.Equal(groups, step.Grid.X);
        SassProgram program = SassProgram.Of(step.Program.Text, gpu.Architecture);

        // The first multiprocessor, as if all got their groups by turns.
        int[] ofFirst = [.. Enumerable.Range(0, groups).Where(group => group % gpu.Gpu.Multiprocessors == 0)];
        int together = Math.Min(
            gpu.Gpu.Groups(step.Program.SharedBytes),
            kernels == KernelChoice.Tensor ? TensorKernels.GroupsOfMultiprocessor : FusedKernels.GroupsOfMultiprocessor);
        SassMultiprocessor multiprocessor = new(program, gpu, step, ofFirst, together);
        long cycles = multiprocessor.Run();
        long slots = cycles * PtxGpu.Schedulers;
        double microseconds = cycles / gpu.Gpu.GigaHertz / 1000;
        Print($"{architecture}: {program.Registers} registers, {program.Instructions.Count:N0} instructions");
        Print($"{cycles:N0} cycles, {microseconds:F0} µs at {gpu.Gpu.GigaHertz} GHz, {together} groups at once");
        foreach (int apart in new[] { 100, 2000 })
        {
            Print($"{new SassMultiprocessor(program, gpu, step, ofFirst, together, apart).Run():N0} if they start {apart} cycles apart");
        }

        Print($"shared memory and first-level cache are at work in {multiprocessor.MemoryCycles:N0} of them");
        Print($"of {slots:N0} slots {multiprocessor.Issued.Values.Sum():N0} are used; others wait for: {Parts(multiprocessor.Idle)}");
        Dictionary<string, long> operations = multiprocessor.Issued.GroupBy(pair => pair.Key.Operation)
            .ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value));
        Dictionary<string, long> waits = multiprocessor.Waits
            .ToDictionary(pair => $"{pair.Key.Address:x} {pair.Key.Text}", pair => pair.Value);
        Print($"instructions: {Parts(operations)}");
        Print($"waited for longest, in warps' cycles: {Parts(waits)}");
        Assert.InRange(cycles, 1, most);

        // A division by what is not known, of which the assembler makes an approximation and a correction: see Division.
        Assert.DoesNotContain(program.Instructions, instruction => instruction.Operation == "IABS");

        SassMultiprocessor alone = new(program, gpu, step, [groups - 1], together: 1);
        alone.Run();
        long[] barriers = [0, .. alone.Barriers.Select(barrier => barrier.Cycle)];
        int tiles = (Tile.Of(TrainingExamples) - 1) / groups;
        int stages = (barriers.Length - 1) / tiles;
        IEnumerable<long> last = barriers.Zip(barriers.Skip(1), (one, next) => next - one).TakeLast(stages);
        Print($"a group alone, its last tile, from barrier to barrier: {string.Join(" ", last)}");
    }

    /// <summary>
    /// What Muon adds to a step: groups that move a share of a matrix, each on a multiprocessor of its own, so that the slowest counts.
    /// </summary>
    [Fact]
    public void TheMatricesTakeAMultiprocessorSoManyCycles()
    {
        CudaNeeded.SkipUnlessKnown();
        foreach ((SassGpu gpu, int most) in new[] { (SassGpu.A100, 20_000), (SassGpu.H100, 16_500) })
        {
            PtxLaunch step = LaunchOfMatrices(gpu.Gpu.Multiprocessors);
            Assert.InRange(step.Grid.X, 4, gpu.Gpu.Multiprocessors);
            SassProgram program = SassProgram.Of(step.Program.Text, gpu.Architecture);
            Print($"{gpu.Architecture}: {program.Registers} registers, {program.Instructions.Count:N0} instructions, {step.Grid.X} groups");
            Assert.DoesNotContain(program.Instructions, instruction => instruction.Operation is "LDL" or "STL");

            // A matrix's shares differ in nothing but which columns they move: the first of each.
            MatrixShare[] shares = new MatrixShare[step.Grid.X];
            ((MatrixMemory)step.Arguments[0]).Shares.CopyToCPU(shares);
            int[] first = [.. Enumerable.Range(0, shares.Length).Where(group => shares[group].First == 0)];
            Assert.Equal(4, first.Length);
            long[] cycles = [.. first.Select(group =>
            {
                SassMultiprocessor multiprocessor = new(program, gpu, step, [group], together: 1);
                long spent = multiprocessor.Run();
                long[] barriers = [0, .. multiprocessor.Barriers.Select(barrier => barrier.Cycle), spent];
                IEnumerable<long> between = barriers.Zip(barriers.Skip(1), (one, next) => next - one);
                Print($"group {group}: {spent:N0} cycles, between barriers: {string.Join(" ", between)}");
                return spent;
            })];
            Print($"{cycles.Max() / gpu.Gpu.GigaHertz / 1000:F1} µs at {gpu.Gpu.GigaHertz} GHz");
            Assert.InRange(cycles.Max(), 1, most);
        }
    }

    /// <summary>The launch of a fused step that moves the matrices, which is not run; what comes before it is.</summary>
    private static PtxLaunch LaunchOfMatrices(int multiprocessors)
    {
        OptimizerOptions muon = new(Optimizer.Of<Muon>(), 0.1);
        Examples examples = RandomNetwork.Examples(new Random(2), 16);
        using SimulatedGpu simulated = new(multiprocessors, KernelsOfTheRun.Folder);
        using AcceleratorTrainer trainer = new(
            simulated.Discovery, simulated.Device, NetworkOptions.Base1989, muon.Kind, examples, examples, 16,
            kernels: KernelChoice.Fused);
        trainer.Load(RandomNetwork.Parameters(new Random(1)));
        PtxLaunch? step = null;
        simulated.Accelerator.Machine = launch =>
        {
            if (launch.Arguments[0] is not MatrixMemory)
            {
                return PtxMachine.Run(launch);
            }

            step = launch;
            return null;
        };
        trainer.Take([new BatchStep(0, 16, muon.Constants(0.1, 0), Perturbation.None)]);
        return step!;
    }

    /// <summary>The launch of the fused kernel for a batch of the whole training set, which is not run.</summary>
    private static PtxLaunch LaunchOfAStep(int multiprocessors, KernelChoice kernels)
    {
        using SimulatedGpu simulated = new(multiprocessors, KernelsOfTheRun.Folder);
        using AcceleratorTrainer trainer = new(
            simulated.Discovery, simulated.Device, NetworkOptions.Base1989, Optimizer.Of<Sgd>(),
            RandomNetwork.Examples(new Random(2), TrainingExamples), RandomNetwork.Examples(new Random(3), 1), TrainingExamples,
            kernels: kernels);
        trainer.Load(RandomNetwork.Parameters(new Random(1)));
        PtxLaunch? step = null;
        simulated.Accelerator.Machine = launch =>
        {
            step = launch;
            return null;
        };
        trainer.Gradient(0, TrainingExamples, Perturbation.None, new float[Parameters.Count]);
        return step!;
    }

    private static SassGpu Gpu(string architecture) =>
        new[] { SassGpu.A100, SassGpu.H100 }.Single(gpu => gpu.Architecture == architecture);

    private static string Parts(IReadOnlyDictionary<string, long> parts) => string.Join(
        ", ", parts.OrderByDescending(part => part.Value).Take(12)
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Key} {part.Value:N0}")));

    private void Print(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
