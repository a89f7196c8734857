using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Training;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Ptx;

/// <summary>The ensemble's kernels' PTX beside the vector path: many seeds per example, with nothing left to chance.</summary>
public class PtxEnsembleTests(ITestOutputHelper output)
{
    private static readonly uint[] s_seeds = [41, 42];

    public static TheoryData<NetworkOptions, OptimizerOptions, bool> Experiments => new()
    {
        { NetworkOptions.Base1989, new(Optimizer.Of<Sgd>(), 0.01), false },
        {
            new(Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<SquaredError>()),
            new(Optimizer.Of<Sgd>(), 0.01) { Momentum = 0.8, Nesterov = true }, false
        },
        {
            new(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()) { LabelSmoothing = 0.1 },
            new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 }, true
        },
    };

    [Theory]
    [MemberData(nameof(Experiments))]
    public void EachEnsembleIsWhereTheReferencePathIs(NetworkOptions network, OptimizerOptions optimizer, bool isNoisy)
    {
        Perturbation perturbation = isNoisy ? new(0, 0, maximumShift: 2, dropout: 0.25f) : Perturbation.None;
        Examples examples = RandomNetwork.Examples(new Random(4), 7);
        float[][] initial = [.. s_seeds.Select(seed => RandomNetwork.Parameters(new Random((int)seed)))];
        OptimizerConstants[] steps = Steps(optimizer, 5);
        using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
        using EnsembleTrainer trainer = Trainer(gpu, network, optimizer, examples, initial);

        trainer.Take(EnsembleTrainerTests.Presentations(examples, steps, perturbation));
        IReadOnlyList<Snapshot> snapshots = trainer.Evaluate();

        Assert.Equal(3, gpu.Accelerator.Runs.Count);
        Assert.All(gpu.Accelerator.Runs, run => run.AssertDefined());
        for (int member = 0; member < s_seeds.Length; member++)
        {
            using SimdNetwork reference = SimdNetwork.Create(network);
            reference.Load(initial[member]);
            for (int step = 0; step < steps.Length; step++)
            {
                Perturbation drawn = perturbation.At(s_seeds[member], (uint)step);
                if (optimizer.Kind == Optimizer.Of<Sgd>())
                {
                    reference.Step<Sgd>(examples, step, steps[step], drawn);
                }
                else
                {
                    reference.Step<Adam>(examples, step, steps[step], drawn);
                }
            }

            float[] expected = new float[Parameters.Count];
            reference.Store(expected);
            Assert.InRange(
                expected.Zip(snapshots[member].Parameters, (one, other) => Math.Abs(one - other)).Max(), 0, 1e-5f);
            Evaluation right = reference.Evaluate(examples);
            Assert.Equal((right.Examples, right.Misses), (snapshots[member].Train.Examples, snapshots[member].Train.Misses));
            Assert.Equal(right.Loss, snapshots[member].Train.Loss, 1e-5 * right.Loss);
        }
    }

    /// <summary>Races are found: hardly one of the barriers of a presentation can be left out.</summary>
    [Fact]
    public void TrainingRacesWithoutItsBarriers()
    {
        Examples examples = RandomNetwork.Examples(new Random(4), 3);
        OptimizerOptions sgd = new(Optimizer.Of<Sgd>(), 0.01);
        using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
        using EnsembleTrainer trainer =
            Trainer(gpu, NetworkOptions.Base1989, sgd, examples, [RandomNetwork.Parameters(new Random(1))]);
        const string Barrier = "bar.sync\t0;";
        string[] parts = [];
        gpu.Accelerator.Machine = launch =>
        {
            parts = launch.Program.Text.Split(Barrier);
            return null;
        };
        trainer.Take(EnsembleTrainerTests.Presentations(examples, Steps(sgd, 3), Perturbation.None));
        List<int> superfluous = [];
        for (int barrier = 1; barrier < parts.Length; barrier++)
        {
            string without = string.Join(Barrier, parts[..barrier]) + string.Join(Barrier, parts[barrier..]);
            gpu.Accelerator.Machine = launch => PtxMachine.Run(launch with { Program = PtxProgram.Parse(without) });
            trainer.Take(EnsembleTrainerTests.Presentations(examples, Steps(sgd, 3), Perturbation.None));
            if (gpu.Accelerator.Runs[^1].Races.Count == 0)
            {
                superfluous.Add(barrier);
            }
        }

        output.WriteLine($"{parts.Length - 1} barriers, without race but for these: {string.Join(", ", superfluous)}");
        Assert.InRange(superfluous.Count, 0, 1);
    }

    /// <summary>
    /// What a presentation asks of a multiprocessor; <c>-showLiveOutput</c> prints it, and what a model makes of it.
    /// </summary>
    [Fact]
    public void APresentationIsCounted()
    {
        const int Barriers = 15;
        Examples examples = RandomNetwork.Examples(new Random(4), 4);
        OptimizerOptions sgd = new(Optimizer.Of<Sgd>(), 0.01);
        using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
        using EnsembleTrainer trainer =
            Trainer(gpu, NetworkOptions.Base1989, sgd, examples, [RandomNetwork.Parameters(new Random(1))]);

        trainer.Take(EnsembleTrainerTests.Presentations(examples, Steps(sgd, 4), Perturbation.None));
        IReadOnlyList<PtxStage> stages = gpu.Accelerator.Runs[0].Stages[0];

        // Two barriers before the first presentation; the parameters are written back behind the last one's.
        Assert.Equal(2 + 4 * Barriers + 1, stages.Count);
        PtxStage[] last = [.. stages.Skip(2 + 3 * Barriers).Take(Barriers)];
        PtxCounts sum = PtxCounts.Sum(last.Select(stage => stage.Sum));
        double alone = last.Sum(stage => PtxLimits.Of(stage, 1, PtxGpu.H100, hasIntegers: false).Most);
        double withIntegers = last.Sum(stage => PtxLimits.Of(stage, 1, PtxGpu.H100, hasIntegers: true).Most);
        output.WriteLine(
            "| interval | warps | FMA | shared wavefronts | of them conflicts | L1 wavefronts | slowest warp alone |");
        foreach ((PtxStage stage, int index) in last.Select((stage, index) => (stage, index)))
        {
            output.WriteLine(FormattableString.Invariant(
                $"| {index + 1} | {stage.Warps.Count(warp => warp.LeastSlots > 20)} | {stage.Sum[PtxClass.Fma]:N0} | {stage.Sum.SharedWavefronts:N0} | {stage.Sum.SharedConflicts:N0} | {stage.Sum.GlobalWavefronts:N0} | {stage.Sum.Chain:N0} |"));
        }

        output.WriteLine(FormattableString.Invariant(
            $"a presentation: {sum[PtxClass.Fma]:N0} FMA, {sum.SharedWavefronts:N0} cycles of shared memory, {sum.SharedConflicts:N0} of them conflicts; {alone:N0} cycles, {withIntegers:N0} with every integer: {alone / PtxGpu.H100.GigaHertz / 1000:F1} and {withIntegers / PtxGpu.H100.GigaHertz / 1000:F1} µs on an H100"));
        Assert.InRange(sum.FmaLanes, 150_000, 180_000);
        Assert.InRange(sum.SharedWavefronts, 0, 6_500);
        Assert.InRange(sum.SharedConflicts / (double)sum.SharedWavefronts, 0, 0.25);
    }

    private static EnsembleTrainer Trainer(
        SimulatedGpu gpu, NetworkOptions network, OptimizerOptions optimizer, Examples examples, float[][] parameters)
    {
        EnsembleTrainer trainer = new(
            gpu.Discovery, gpu.Device, network, optimizer, examples, RandomNetwork.Examples(new Random(5), 1),
            parameters.Length, examplesPerShare: 4);
        for (int member = 0; member < parameters.Length; member++)
        {
            trainer.Load(member, parameters[member], s_seeds[member]);
        }

        trainer.Begin();
        return trainer;
    }

    private static OptimizerConstants[] Steps(OptimizerOptions optimizer, int count) =>
        [.. Enumerable.Range(0, count).Select(step => optimizer.Constants(
            (optimizer.Kind == Optimizer.Of<Sgd>() ? 0.02 : 0.001) * (1 - 0.5 * step / count), step))];
}
