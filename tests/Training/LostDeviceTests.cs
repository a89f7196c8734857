using GpuConvnet.Model.Digits;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Tests.Training;

/// <summary>What is left of a run whose device fails.</summary>
public class LostDeviceTests
{
    [Fact]
    public void What_was_evaluated_before_the_failure_is_kept()
    {
        RunOutcome outcome = Run(failsAt: 35);

        Assert.Equal(30, outcome.Result.Steps);
        Assert.True(outcome.Result.Interrupted);
        Assert.Contains("a GPU", outcome.Result.Failure, StringComparison.Ordinal);
        Assert.Equal([10, 20, 30], outcome.Result.History.Select(entry => entry.Step!.Value));
        Assert.All(outcome.Parameters, parameter => Assert.Equal(30, parameter));
    }

    [Fact]
    public void A_failure_before_the_first_evaluation_fails_the_run()
    {
        RunFailedException failure = Assert.Throws<RunFailedException>(() => Run(failsAt: 5));

        Assert.Contains("a GPU", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_failure_ends_at_its_last_step()
    {
        RunOutcome outcome = Run(failsAt: 1000);

        Assert.Equal(55, outcome.Result.Steps);
        Assert.False(outcome.Result.Interrupted);
        Assert.Null(outcome.Result.Failure);
        Assert.Equal([10, 20, 30, 40, 50, 55], outcome.Result.History.Select(entry => entry.Step!.Value));
    }

    private static RunOutcome Run(long failsAt)
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load("1989-fullbatch") with
        {
            Train = 10,
            Test = 10,
            Steps = 55,
            EvaluateEvery = 10,
        };
        using EngineChoice choice = EngineChoice.For(AcceleratorKind.Host, null, configuration);
        using FailingTrainer trainer = new(failsAt);
        LoadedData data = new(DataSets.Builtin, "drawn", BuiltinDigits.Draw(10, 1), BuiltinDigits.Draw(10, 2));
        return new TrainingRun(new PlannedRun(configuration, data, choice), trainer, compileSeconds: 0).Execute(CancellationToken.None);
    }
}
