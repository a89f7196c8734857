using System.Globalization;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Matrices;
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
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Ptx;

/// <summary>
/// What the fused kernel would ask of a GPU, counted stage by stage: <c>-class '*PtxProfileTests' -showLiveOutput</c> prints
/// it, and what a model makes of it, which is no measurement.
/// </summary>
public class PtxProfileTests(ITestOutputHelper output)
{
    private const int TrainingExamples = 7291;
    private const int GroupsOfMultiprocessor = FusedKernels.GroupsOfMultiprocessor;

    /// <summary>A tile's stages, from barrier to barrier.</summary>
    private static readonly string[] s_stages =
    [
        "images", "H1", "H2, sums", "H2, 2nd", "H2", "H3, parts", "H3", "outputs", "output deltas", "output gradient",
        "H3 deltas", "H3 gradient", "H2 deltas", "H2 gradient", "H1 deltas", "H1 biases, images", "H1 gradient, 1",
        "H1 gradient, 2", "H1 gradient, 3",
    ];

    [Fact]
    public void TheFusedKernelsStagesForTheArticlesNetwork() => Profile(NetworkOptions.Base1989, Perturbation.None);

    [Fact]
    public void TheFusedKernelsStagesWithReLUCrossEntropyShiftsAndDropout() => Profile(
        new(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()),
        new Perturbation(3, 4, maximumShift: 1, dropout: 0.25f));

    /// <summary>
    /// The launch that Muon adds, here a group per matrix, each on a multiprocessor of its own: what its slowest would take.
    /// </summary>
    [Fact]
    public void TheMatricesStages()
    {
        OptimizerOptions muon = new(Optimizer.Of<Muon>(), 0.1);
        Examples examples = RandomNetwork.Examples(new Random(2), 16);
        using SimulatedGpu simulated = new(kernels: KernelsOfTheRun.Folder);
        using AcceleratorTrainer trainer = new(
            simulated.Discovery, simulated.Device, NetworkOptions.Base1989, muon.Kind, examples, examples, 16,
            kernels: KernelChoice.Fused);
        trainer.Load(RandomNetwork.Parameters(new Random(1)));
        trainer.Take([new BatchStep(0, 16, muon.Constants(0.1, 0), Perturbation.None)]);

        PtxRun run = simulated.Accelerator.Runs.Last(each => each.Launch.Arguments[0] is MatrixMemory);
        double[] microseconds = [.. run.Stages.Select((stages, group) =>
        {
            PtxLimits[] limits = [.. stages.Select(stage => PtxLimits.Of(stage, 1, PtxGpu.H100, hasIntegers: false))];
            double cycles = limits.Sum(limit => limit.Most);
            string each = string.Join(", ", limits.Select(limit => $"{limit.Most:F0} {limit.Name}"));
            PtxCounts counts = PtxCounts.Sum(stages.Select(stage => stage.Sum));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"matrix {group}: {stages.Count} stages, {counts.FmaLanes:N0} multiply-adds, {counts.SharedWavefronts:N0} wavefronts, "
                + $"{counts.SharedConflicts:N0} of them conflicts; {cycles:N0} cycles: {each}"));
            return cycles / PtxGpu.H100.GigaHertz / 1000;
        })];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"H100: {microseconds.Max():F1} µs"));
        Assert.Equal(4, microseconds.Length);
        Assert.InRange(microseconds.Max(), 1, 10);
    }

    private void Profile(NetworkOptions network, Perturbation perturbation)
    {
        Examples examples = RandomNetwork.Examples(new Random(2), TrainingExamples);
        using SimulatedGpu simulated = new(kernels: KernelsOfTheRun.Folder);
        using AcceleratorTrainer trainer = new(
            simulated.Discovery, simulated.Device, network, Optimizer.Of<Sgd>(), examples, RandomNetwork.Examples(new Random(3), 1),
            2 * Tile.Examples, kernels: KernelChoice.Fused);
        trainer.Load(RandomNetwork.Parameters(new Random(1)));

        // Two tiles of one group: the first overwrites the gradient and finds the caches empty, the other does not.
        simulated.Accelerator.Machine = launch => PtxMachine.Run(launch with { Grid = (1, 1) });
        trainer.Gradient(1000, 2 * Tile.Examples, perturbation, new float[Parameters.Count]);
        IReadOnlyList<PtxStage> stages = simulated.Accelerator.Runs[0].Stages[0];
        Assert.Equal(2 * s_stages.Length + 1, stages.Count);
        PtxStage[] first = [.. stages.Take(s_stages.Length)];
        PtxStage[] other = [.. stages.Skip(s_stages.Length).Take(s_stages.Length)];

        output.WriteLine($"{network.Hidden}, {network.Loss}, {(perturbation.Drops ? "shift and dropout" : "no perturbation")}: a tile, not a group's first");
        output.WriteLine(
            "| stage | warps at work | warp instructions | FMA | other fp32 | integer | loads, stores | idle lanes | "
            + "shared wavefronts | of them conflicts | L1 wavefronts | KB beyond L1 | slowest warp alone | four groups | limit |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        for (int i = 0; i < other.Length; i++)
        {
            PtxLimits limits = PtxLimits.Of(other[i], GroupsOfMultiprocessor, PtxGpu.H100, hasIntegers: false);
            Print(s_stages[i], $"{AtWork(other[i])}", other[i].Sum, $"{limits.Most:N0} | {limits.Name}");
        }

        PtxCounts tile = PtxCounts.Sum(other.Select(stage => stage.Sum));
        Print("all", "", tile, " | ");
        foreach (PtxGpu gpu in new[] { PtxGpu.H100, PtxGpu.A100 })
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{gpu.Name}, {gpu.Multiprocessors} multiprocessors at {gpu.GigaHertz} GHz: {Microseconds(first, other, gpu, false, true):F0} µs "
                + $"a step if groups overlap perfectly and integers are free, {Microseconds(first, other, gpu, false, false):F0} "
                + $"if groups are at the same stage, {Microseconds(first, other, gpu, true, false):F0} with every integer of PTX; "
                + $"FMA alone {Floor(tile, gpu):F0}"));
        }

        // Of a plan PTX loads the optimizer's constants too, 128 wavefronts each, which no stage uses.
        // 8 examples of 171,780 multiply-accumulates, of which the backward pass leaves out the border's, and the tanh's. What
        // the bounds have above what was counted is little: a change that costs more than that should be meant.
        Assert.InRange(tile.FmaLanes, 8 * 145_000, 8 * 170_000);
        Assert.InRange(tile.FmaLanes / (32.0 * tile[PtxClass.Fma]), 0.93, 1);
        Assert.InRange(tile.LeastSlots / (double)tile[PtxClass.Fma], 1, 1.4);
        Assert.InRange(tile.SharedConflicts / (double)tile.SharedWavefronts, 0, 0.06);
        Assert.InRange(tile.SharedWavefronts + tile.GlobalWavefronts, 0, 19_000);
    }

    /// <summary>The time of a step of the whole training set, as many groups a multiprocessor as it has room for.</summary>
    private static double Microseconds(PtxStage[] first, PtxStage[] other, PtxGpu gpu, bool hasIntegers, bool areApart)
    {
        int groups = GroupsOfMultiprocessor * gpu.Multiprocessors;
        int tiles = Tile.Of(TrainingExamples);
        int rest = tiles % groups;
        double cycles = Cycles(first, GroupsOfMultiprocessor)
            + (tiles / groups - 1) * Cycles(other, GroupsOfMultiprocessor)
            + (rest == 0 ? 0 : Cycles(other, (rest + gpu.Multiprocessors - 1) / gpu.Multiprocessors));
        return cycles / gpu.GigaHertz / 1000;

        double Cycles(PtxStage[] stages, int together)
        {
            PtxLimits[] limits = [.. stages.Select(stage => PtxLimits.Of(stage, together, gpu, hasIntegers))];
            return areApart && together > 1
                ? limits.Aggregate((one, next) => one + next).Most
                : limits.Sum(stage => stage.Most);
        }
    }

    /// <summary>The time of the FMAs if all lanes of all multiprocessors were at work all the time.</summary>
    private static double Floor(PtxCounts tile, PtxGpu gpu) =>
        tile.FmaLanes * (double)TrainingExamples / Tile.Examples
        / (gpu.Multiprocessors * PtxGpu.Schedulers * gpu.FloatLanes) / gpu.GigaHertz / 1000;

    /// <summary>Warps that do more than to look for something to do.</summary>
    private static int AtWork(PtxStage stage) =>
        stage.Warps.Count(warp => warp.LeastSlots > 0.2 * stage.Warps.Max(other => other.LeastSlots));

    private void Print(string name, string warps, PtxCounts counts, string end)
    {
        long memory = counts[PtxClass.SharedLoad] + counts[PtxClass.SharedStore] + counts[PtxClass.GlobalLoad]
            + counts[PtxClass.GlobalStore];
        long fma = counts[PtxClass.Fma];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {warps} | {counts.Instructions:N0} | {fma:N0} | {counts.FloatSlots - fma:N0} | {counts.IntegerSlots:N0} "
            + $"| {memory:N0} | {100 - 100.0 * counts.Lanes / (32 * counts.Instructions):F0} % | {counts.SharedWavefronts:N0} "
            + $"| {counts.SharedConflicts:N0} | {counts.GlobalWavefronts:N0} "
            + $"| {(counts.MissedSectors + counts.StoredSectors) * 32 / 1024.0:F1} | {counts.Chain:N0} | {end} |"));
    }
}
