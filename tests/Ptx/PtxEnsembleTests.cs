using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Training;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Simulator.Sass;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;
using GpuConvnet.Tests.Sass;
using Recipe = GpuConvnet.Tests.Kernels.EnsembleTrainerTests.Recipe;

namespace GpuConvnet.Tests.Ptx;

/// <summary>The ensemble's kernels' PTX beside the vector path: many seeds per example, with nothing left to chance.</summary>
public class PtxEnsembleTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("base", 1)]
    [InlineData("momentum", 1)]
    [InlineData("relu", 1)]
    [InlineData("base", 4)]
    [InlineData("relu", 3)]
    public void Each_is_where_the_reference_path_is(string experiment, int batch)
    {
        Recipe recipe = EnsembleTrainerTests.Of(experiment, 5, batch);
        Recipe other = recipe with
        {
            Seed = 42,
            Optimizer = recipe.Optimizer with { LearningRate = 2 * recipe.Optimizer.LearningRate },
            Perturbation = experiment == "relu" ? new(0, 0, maximumShift: 1, dropout: 0.5f) : Perturbation.None,
        };
        Examples examples = RandomNetwork.Examples(new Random(4), 7);
        int steps = batch == 1 ? 5 : 2;
        using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
        using EnsembleTrainer trainer = Trainer(gpu, examples, recipe, other);

        trainer.Take(0, steps);
        IReadOnlyList<Snapshot> snapshots = trainer.Evaluate();

        Assert.Equal(3, gpu.Accelerator.Runs.Count);
        Assert.All(gpu.Accelerator.Runs, run => run.AssertDefined());
        foreach ((int member, Recipe own) in new[] { recipe, other }.Index())
        {
            using SimdNetwork reference = EnsembleTrainerTests.Reference(own, examples, steps);
            float[] expected = new float[Parameters.Count];
            reference.Store(expected);
            Assert.InRange(
                expected.Zip(snapshots[member].Parameters, (one, two) => Math.Abs(one - two)).Max(), 0, 1e-5f);
            Evaluation right = reference.Evaluate(examples);
            Assert.Equal((right.Examples, right.Misses), (snapshots[member].Train.Examples, snapshots[member].Train.Misses));
            Assert.Equal(right.Loss, snapshots[member].Train.Loss, 1e-5 * right.Loss);
        }
    }

    [Theory]
    [InlineData("base", 1)]
    [InlineData("relu", 1)]
    [InlineData("base", 64)]
    [InlineData("momentum", 64)]
    [InlineData("relu", 64)]
    public void The_machine_code_spills_nothing(string experiment, int batch)
    {
        CudaNeeded.SkipIfMissing();
        Examples examples = RandomNetwork.Examples(new Random(4), 64);
        using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
        using EnsembleTrainer trainer = Trainer(gpu, examples, EnsembleTrainerTests.Of(experiment, 1, batch));
        string ptx = "";
        gpu.Accelerator.Machine = launch =>
        {
            ptx = launch.Program.Text;
            return null;
        };

        trainer.Take(0, 1);

        string report = CudaTools.Assemble(ptx, "sm_90");
        output.WriteLine($"{experiment} in batches of {batch}: {SassProgram.RegistersOf(report)} registers");
        Assert.InRange(SassProgram.RegistersOf(report), 1, 128);
        Assert.Equal(0, SassProgram.SpilledBytesOf(report));
    }

    /// <summary>Races are found: hardly one of the barriers of a presentation can be left out.</summary>
    [Fact]
    public void TrainingRacesWithoutItsBarriers()
    {
        Examples examples = RandomNetwork.Examples(new Random(4), 3);
        using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
        using EnsembleTrainer trainer = Trainer(gpu, examples, EnsembleTrainerTests.Of("base", 4, 1));
        const string Barrier = "bar.sync\t0;";
        string[] parts = [];
        gpu.Accelerator.Machine = launch =>
        {
            parts = launch.Program.Text.Split(Barrier);
            return null;
        };
        trainer.Take(0, 3);
        List<int> superfluous = [];
        for (int barrier = 1; barrier < parts.Length; barrier++)
        {
            string without = string.Join(Barrier, parts[..barrier]) + string.Join(Barrier, parts[barrier..]);
            gpu.Accelerator.Machine = launch => PtxMachine.Run(launch with { Program = PtxProgram.Parse(without) });
            trainer.Take(0, 3);
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
    [Theory]
    [InlineData("base", 1, 180_000)]
    [InlineData("relu", 1, 195_000)]
    [InlineData("base", 2, 195_000)]
    [InlineData("relu", 2, 195_000)]
    public void A_presentation_is_counted(string experiment, int batch, int mostFma)
    {
        const int Barriers = 15;
        Examples examples = RandomNetwork.Examples(new Random(4), 4);
        using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
        using EnsembleTrainer trainer = Trainer(gpu, examples, EnsembleTrainerTests.Of(experiment, 4, batch));

        trainer.Take(0, 4 / batch);
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
            $"{experiment} in batches of {batch}, a presentation: {sum.MostSlots:N0} warp instructions, {sum[PtxClass.Fma]:N0} FMA, {sum.SharedWavefronts:N0} cycles of shared memory, {sum.SharedConflicts:N0} of them conflicts; {alone:N0} cycles, {withIntegers:N0} with every integer: {alone / PtxGpu.H100.GigaHertz / 1000:F1} and {withIntegers / PtxGpu.H100.GigaHertz / 1000:F1} µs on an H100"));
        Assert.InRange(sum.FmaLanes, 150_000, mostFma);
        Assert.InRange(sum.SharedWavefronts, 0, 6_500);
        Assert.InRange(sum.SharedConflicts / (double)sum.SharedWavefronts, 0, 0.25);
    }

    private static EnsembleTrainer Trainer(SimulatedGpu gpu, Examples examples, params Recipe[] recipes)
    {
        EnsembleTrainer trainer = new(
            gpu.Discovery, gpu.Device, recipes[0].Network, EnsembleRule.Of(recipes[0].Optimizer, recipes[0].Batch), examples,
            RandomNetwork.Examples(new Random(5), 1), recipes.Length, examplesPerShare: 4);
        foreach ((int member, Recipe recipe) in recipes.Index())
        {
            trainer.Load(member, EnsembleTrainerTests.Initial(recipe.Seed), recipe.Schedule(examples.Count));
        }

        return trainer;
    }
}
