using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Fuzzing;

/// <summary>A small run as it is saved, without having been trained.</summary>
internal static class SavedRun
{
    private static readonly RunEvaluation s_evaluation = new(7291, 0.004, 0.6, 44);

    public static RunResult Result(ExperimentConfiguration configuration) => new()
    {
        Experiment = configuration.Experiment,
        Accelerator = "host",
        Device = "a processor",
        Dataset = "mnist",
        Batch = configuration.Batch,
        Seed = configuration.Seed,
        From = "earlier",
        Passes = 23,
        Steps = 167_693,
        Seconds = new RunSeconds(0.1, 0.01, 0.9, 0.4, 1.4) { Startup = 0.3 },
        Before = new BeforeTraining(s_evaluation, s_evaluation),
        Train = s_evaluation,
        Test = s_evaluation,
        History =
        [
            new HistoryEntry { Pass = 1, Train = s_evaluation, Test = s_evaluation, Seconds = 0.4 },
            new HistoryEntry { Pass = 23, Train = s_evaluation, Test = s_evaluation, Seconds = 0.9 },
        ],
        ParametersSha256 = "4b32f096",
    };

    public static RunsResult Results(ExperimentConfiguration configuration)
    {
        RunResult[] runs = [Result(configuration), Result(configuration with { Seed = configuration.Seed + 1 })];
        return new RunsResult
        {
            Experiment = configuration.Experiment,
            Accelerator = "host",
            Device = "a processor",
            Dataset = "mnist",
            Batch = configuration.Batch,
            Seconds = runs[0].Seconds,
            Runs = runs,
            Summary = RunsSummary.Of(runs),
        };
    }

    public static RunEnvironment Environment => RunEnvironment.Now("a processor", "host", "a processor", null);

    public static RunOrder Order => new([AcceleratorKind.Host], null, KernelChoice.Auto, 2, 5, 3);
}
