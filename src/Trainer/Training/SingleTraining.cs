using System.Globalization;
using System.Text.Json;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>A stage of one seed, whose every evaluation is printed.</summary>
internal sealed class SingleTraining(
    TrainingStage stage, RunFolder? folder, TrainingRequest request, TrainingConsole console)
    : StageTraining(stage, folder, request, console)
{
    /// <inheritdoc/>
    public override IReadOnlyList<RunOutcome?> Train(IReadOnlyList<TrainingStart?> starts, CancellationToken interruption)
    {
        PlannedRun[] runs = Stage.Runs(starts);
        IRanks? ranks = runs[0].Choice.Ranks;
        if (ranks.Share(Finished(Folder, runs[0].Configuration), runs[0].Configuration) is { } finished)
        {
            Console.Report.WriteLine("resume: this run came to its end; there is nothing left to train");
            Print(finished);
            return [finished];
        }

        RunOutcome outcome = Train(runs[0], interruption);
        RunResult result = outcome.Result;
        IsInterrupted = result.Interrupted;
        Print(outcome);
        return result.Failure is null
            ? [outcome]
            : throw new RunFailedException(string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Failure} The {result.Steps:N0} steps up to the last evaluation are kept"
                + $"{(Folder is null ? "" : $" in {Folder.FullPath}")}."));
    }

    private RunOutcome Train(PlannedRun planned, CancellationToken interruption)
    {
        TrainingReport report = Console.Report;
        ExperimentConfiguration configuration = planned.Configuration;
        RunArchive? opened = null;
        planned.Choice.Ranks.DoTogether(() => opened = RunArchive.Open(SavingIn(Folder), planned, report.WriteLine));
        using RunArchive? archive = opened;
        planned = planned.After(archive?.Resumed);
        using RunStation station = new(planned, threads: 0);
        if (station.Note is { } note)
        {
            report.WriteLine(note);
        }

        long earlierSteps = archive?.Resumed?.Steps ?? 0;
        if (planned.Start is not null && archive?.Resumed is null)
        {
            report.WriteLine(ReportLines.Start(planned.Start));
        }

        HistoryEntry? latest = null;
        TrainingRun run = station.Ready(planned);
        run.Archive = archive;
        run.IsFirst = Stage.Number == 1;
        run.Live = Request.Live?.Add(planned.Shown(configuration.Experiment, isAlone: true));
        run.Trained += (steps, seconds) => report.Show(
            (double)steps / configuration.TotalSteps,
            () => ReportLines.Progress(configuration, steps - earlierSteps, steps, seconds, latest));
        run.Evaluated += entry =>
        {
            latest = entry;
            report.WriteLine(ReportLines.Train(entry.Train));
            report.WriteLine(ReportLines.Test(entry.Test, planned.Data.IsValidation));
        };
        RunOutcome? outcome = null;
        try
        {
            report.During(() => outcome = run.Execute(interruption));
        }
        catch (RunFailedException failure)
        {
            run.Live?.End(LiveState.Failed, failure.Message);
            throw;
        }

        run.Live?.End(outcome!.Result, outcome.Parameters);

        // Saved before the last words: a reader that went away must not cost the results.
        archive?.Save(outcome!);
        return outcome!;
    }

    private void Print(RunOutcome outcome)
    {
        RunResult result = outcome.Result;
        WriteQuietly(ReportLines.Train(result.Train), ReportLines.Test(result.Test, Stage.First.Data.IsValidation));

        // What an interruption left looks like a result, and is to be told from one.
        WriteQuietly(result.Interrupted ? [ReportLines.Finished(result)] : []);
        Console.Report.WriteLine(ReportLines.Finished(result));
        Console.Report.WriteLine(ReportLines.Fingerprint(result));
        WriteReport([outcome]);
        SayWhere();
        if (Stage.IsLast && Request.Json)
        {
            Console.Output.WriteLine(JsonSerializer.Serialize(
                result with { Folder = Folder?.FullPath }, ResultJson.Relaxed.RunResult));
        }
    }
}
