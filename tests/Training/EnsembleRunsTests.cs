using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Tests.Training;

/// <summary>An ensemble's runs that do not come to their end, and those that start from a model.</summary>
public class EnsembleRunsTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>
{
    private static readonly LoadedData s_data = new(
        DataSets.Mnist, "here", RandomNetwork.Examples(new Random(1), 30), RandomNetwork.Examples(new Random(2), 10));

    [Fact]
    public void After_an_interruption_the_pass_is_finished_and_kept_and_after_a_divergence_the_others_are()
    {
        devices.Require(DeviceKind.OpenCL);
        ExperimentConfiguration configuration = Experiment();
        using EngineChoice choice = EngineChoice.ForEnsemble(AcceleratorKind.OpenCL, device: null, configuration);
        using CancellationTokenSource interruption = new();
        List<long> trained = [];

        IReadOnlyList<EnsembleEnd> interrupted = Execute(
            choice, configuration, [null, null], steps =>
            {
                trained.Add(steps);
                interruption.Cancel();
            }, interruption.Token);

        Assert.Equal([30], trained);
        Assert.All(interrupted, run =>
        {
            Assert.Null(run.Failure);
            Assert.True(run.Outcome!.Result is { Interrupted: true, Steps: 30, Passes: 1, History.Count: 1 });
        });

        // One starts where it can go on, the other from weights so large that its first steps are far too long.
        float[] initial = InitialParameters.Draw(configuration.Network, 7);
        TrainingStart sound = new("sound", initial, null);
        TrainingStart huge = new("huge", [.. initial.Select(parameter => parameter * 30)], null);
        IReadOnlyList<EnsembleEnd> diverged = Execute(
            choice, configuration, [sound, huge], _ => { }, CancellationToken.None);

        Assert.True(diverged[0].Outcome!.Result is { Interrupted: true, Steps: 30, Failure: null, Before: not null });
        Assert.Null(diverged[1].Outcome);
        Assert.Contains("The training diverged: after 30 steps", diverged[1].Failure, StringComparison.Ordinal);
    }

    /// <summary>Who looks sees networks between evaluations, and what is trained has the same bits.</summary>
    [Fact]
    public void Networks_are_shown_as_they_form_on_the_device()
    {
        devices.Require(DeviceKind.OpenCL);
        ExperimentConfiguration configuration = Experiment() with { EvaluateEvery = int.MaxValue };
        using EngineChoice choice = EngineChoice.ForEnsemble(AcceleratorKind.OpenCL, device: null, configuration);
        PlannedRun run = new(configuration, s_data, choice);
        using LiveBoard board = new("a test", stop: null);
        LiveRun[] shown = [.. Enumerable.Range(0, 2).Select(seed => board.Add(run.Shown($"seed {seed}", isAlone: false, isAtOnce: true)))];
        HashSet<long> seen = [];

        IReadOnlyList<EnsembleEnd> expected = Execute(choice, configuration, [null, null], _ => { }, CancellationToken.None);
        IReadOnlyList<EnsembleEnd> looked = Execute(
            choice, configuration, [null, null],
            _ =>
            {
                shown[1].Want();
                seen.UnionWith(shown.Select(each => each.Parameters!.Steps));
            },
            CancellationToken.None,
            shown);

        Assert.Contains(seen, steps => steps > 0 && steps < configuration.TotalSteps);
        Assert.All(shown, each => Assert.Equal((configuration.TotalSteps, 1), (each.Parameters!.Steps, each.Evaluations.Count)));
        Assert.Equal(
            expected.Select(end => end.Outcome!.Result.ParametersSha256), looked.Select(end => end.Outcome!.Result.ParametersSha256));
    }

    private static ExperimentConfiguration Experiment() => new()
    {
        Experiment = "replicas",
        Hidden = Activation.Of<ReLU>(),
        Output = Activation.Of<Linear>(),
        Optimizer = new OptimizerOptions(Optimizer.Of<Sgd>(), 0.01),
        Train = 30,
        Test = 10,
        Passes = 4,
    };

    private static IReadOnlyList<EnsembleEnd> Execute(
        EngineChoice choice,
        ExperimentConfiguration configuration,
        TrainingStart?[] starts,
        Action<long> trained,
        CancellationToken interruption,
        IReadOnlyList<LiveRun>? shown = null)
    {
        using EnsembleTrainer trainer = choice.CreateEnsemble(configuration, s_data.Train, s_data.Test, starts.Length);
        PlannedRun run = new(configuration, s_data, choice);
        EnsembleRuns runs = new(
            [.. starts.Select((start, seed) => run.OfSeed((uint)seed) with { Start = start })],
            new RunArchive?[starts.Length],
            trainer,
            compileSeconds: 0)
        {
            Shown = shown,
        };
        runs.Trained += trained;
        return runs.Execute(interruption);
    }
}
