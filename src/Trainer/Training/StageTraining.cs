using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Training;

/// <summary>The training of a stage, and what is printed and saved of it.</summary>
/// <param name="stage">The stage.</param>
/// <param name="folder">Where it is saved, of several seeds those of the last stage; null for nowhere.</param>
/// <param name="request">What was asked for.</param>
/// <param name="console">Where to print.</param>
internal abstract class StageTraining(
    TrainingStage stage, RunFolder? folder, TrainingRequest request, TrainingConsole console)
{
    /// <summary>The stage.</summary>
    protected TrainingStage Stage => stage;

    /// <summary>Where it is saved; null for nowhere.</summary>
    protected RunFolder? Folder => folder;

    /// <summary>What was asked for.</summary>
    protected TrainingRequest Request => request;

    /// <summary>Where to print.</summary>
    protected TrainingConsole Console => console;

    /// <summary>Whether it was interrupted.</summary>
    public bool IsInterrupted { get; protected set; }

    /// <summary>Trains the stage's seeds.</summary>
    /// <param name="starts">What each starts from; null for drawn weights.</param>
    /// <param name="interruption">Ends the training after the pass that it is in.</param>
    /// <returns>What each left behind; null for one that was not begun.</returns>
    /// <exception cref="RunFailedException">A run failed; what can be kept is.</exception>
    public abstract IReadOnlyList<RunOutcome?> Train(IReadOnlyList<TrainingStart?> starts, CancellationToken interruption);

    /// <summary>What a run left that came to its end before; null where there is something to train.</summary>
    protected RunOutcome? Finished(RunFolder? own, ExperimentConfiguration configuration) =>
        request.Resume is not null && own?.Find(configuration, console.Report.WriteLine) is { Parameters: { } parameters } finished
            ? new RunOutcome(configuration, finished.Result, parameters)
            : null;

    /// <summary>How a run of the stage is saved.</summary>
    /// <param name="own">The run's folder; null for nowhere.</param>
    protected RunSaving? SavingIn(RunFolder? own) => own is null
        ? null
        : new RunSaving(
            own.FullPath, request.Checkpoints, request.Resume is not null, request.WritesEvents, request.AcceptsChanges);

    /// <summary>Writes what a quiet program says of the last stage.</summary>
    protected void WriteQuietly(params IEnumerable<string> lines)
    {
        foreach (string line in stage.IsLast && request is { Quiet: true, Json: false } ? lines : [])
        {
            console.Talk.WriteLine(line);
        }
    }

    /// <summary>The page about what has just been trained. The results are safe by then, and do not depend on it.</summary>
    protected void WriteReport(IReadOnlyList<RunOutcome> outcomes)
    {
        // A launcher that was told to end gives its ranks a second.
        if (folder is null || !stage.IsLast || !request.WritesReport || (request.World is not null && IsInterrupted))
        {
            return;
        }

        string? why = Drawing.Attempt(() =>
        {
            ReportedRun run = new()
            {
                Name = stage.First.Configuration.Experiment,
                Configuration = outcomes[0].Configuration,
                Environment = folder.ReadEnvironment(console.Report.WriteLine),
                Results = [.. outcomes.Select(outcome => outcome.Result)],
                Parameters = outcomes[0].Parameters,
            };
            RunReport.Write(folder.FullPath, [run.WithDigits(stage.First.Data.Test)]);
        });
        if (why is not null)
        {
            // To who has asked for quiet, too: something that is always there is missing.
            Action<string> say = request.Quiet ? console.Talk.WriteLine : console.Report.WriteLine;
            say($"note: there is no report. {why} 'trainer report {folder.FullPath}' makes it.");
        }
    }

    /// <summary>Says where the stage is saved.</summary>
    protected void SayWhere()
    {
        if (folder is not null)
        {
            console.Report.WriteLine($"saved: {folder.FullPath}");
        }
    }
}
