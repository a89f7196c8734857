using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;
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
        CancellationToken interruption)
    {
        using EnsembleTrainer trainer = choice.CreateEnsemble(configuration, s_data.Train, s_data.Test, starts.Length);
        PlannedRun run = new(configuration, s_data, choice);
        EnsembleRuns runs = new(
            [.. starts.Select((start, seed) => run.OfSeed((uint)seed) with { Start = start })],
            new RunArchive?[starts.Length],
            trainer,
            compileSeconds: 0);
        runs.Trained += trained;
        return runs.Execute(interruption);
    }
}
