using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Mpi;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>From a request to its results: checks, data, one or several runs, what is printed and what is saved.</summary>
internal sealed class TrainingJob
{
    private readonly TrainingRequest _request;
    private readonly TrainingConsole _console;

    /// <summary>Prepares a job.</summary>
    /// <param name="request">What to train.</param>
    /// <param name="output">The standard output.</param>
    /// <param name="error">The standard error, which takes everything but the result when that is JSON.</param>
    public TrainingJob(TrainingRequest request, TextWriter output, TextWriter error)
    {
        _request = request;
        TextWriter talk = request.Json ? error : output;
        _console = new TrainingConsole(
            output, talk, request.Quiet || request.World is { Rank: > 0 } ? new PlainReport(TextWriter.Null) : TrainingReport.On(talk));
    }

    private TrainingReport Report => _console.Report;

    /// <summary>The ranks that share every batch; null for a process that is alone.</summary>
    private MpiWorld? World => _request.Runs is null ? _request.World : null;

    /// <summary>Does it all.</summary>
    /// <param name="interruption">Ends the training after the pass that it is in.</param>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">Something cannot be used; found before training begins.</exception>
    /// <exception cref="RunFailedException">The training went wrong.</exception>
    /// <exception cref="OperationCanceledException">Interrupted before training began: there is nothing to save.</exception>
    public int Execute(CancellationToken interruption)
    {
        TrainingStages stages = TrainingStages.Of(_request.Configuration);
        if (World is { Size: > 1 })
        {
            RequireShareable(stages.Experiments[^1], World);
        }

        List<EngineChoice> choices = [];
        try
        {
            World.DoTogether(() => choices.AddRange(stages.Experiments.Select((experiment, stage) => _request.IsEnsemble
                ? EngineChoice.ForEnsemble(Accelerator(stage), _request.Device, experiment)
                : World is null
                ? EngineChoice.For(Accelerator(stage), _request.Device, _request.IsEveryDevice, experiment, _request.Kernels)
                : EngineChoice.For(Accelerator(stage), _request.Device, experiment, _request.Kernels, World))));

            return Execute(stages, choices, interruption) ? ExitCode.Interrupted : ExitCode.Done;
        }
        finally
        {
            choices.ForEach(choice => choice.Dispose());
        }
    }

    /// <summary>What a stage is to be trained on: the same again where a run goes on.</summary>
    private AcceleratorKind Accelerator(int stage) => _request.Resume is not { } resume
        ? _request.Accelerator
        : stage < resume.Order.Accelerators.Count
            ? resume.Order.Accelerators[stage]
            : throw new BadInputException(
                $"{resume.Folder.FullPath} does not say what trains stage {stage + 1}. The run cannot be resumed.");

    private bool Execute(TrainingStages stages, List<EngineChoice> choices, CancellationToken interruption)
    {
        RunClaim? claim = null;
        try
        {
            // The first rank alone saves.
            World.DoTogether(() => claim = World is { Rank: > 0 } ? null : Claim());
            if (claim?.Note is { } note)
            {
                Report.WriteLine(note);
            }

            return Execute(stages, choices, claim, interruption);
        }
        finally
        {
            claim?.Dispose();
        }
    }

    private RunClaim? Claim() => !_request.Saves ? null
        : _request.Resume is { } resume ? RunClaim.Again(resume.Folder)
        : _request.Out is { } path ? RunClaim.New(path)
        : RunClaim.Named(_request.Configuration.Experiment);

    private bool Execute(
        TrainingStages stages, List<EngineChoice> choices, RunClaim? claim, CancellationToken interruption)
    {
        RunFolder? folder = claim?.Folder;
        int count = stages.Experiments.Count;

        // Every stage's digits are there before the first is trained: nothing is trained for nothing.
        TrainingStage[] ready = [];
        World.DoTogether(() => ready = [.. Enumerable.Range(0, count)
            .Select(index => Prepare(stages.Experiments[index], choices[index], index + 1, count, interruption))]);
        World.RequireSame([.. ready.SelectMany(stage => Common(stage.First))]);
        foreach (string line in World is null ? [] : RankLines.Of(World, choices))
        {
            Report.WriteLine(line);
        }

        foreach (string line in ready.SelectMany(stage => _request.Workers?.Open(
            stage.First.Choice, stage.First.Configuration, jobs: null, _request.Data, folder?.FullPath) ?? []))
        {
            Report.WriteLine(line);
        }

        World.DoTogether(() => Begin(
            claim, ready[^1].First.Configuration, choices, [.. ready.Select(stage => StagePin.Of(stage, stages.Start))]));

        using CancellationTokenRegistration note = interruption.Register(() => Report.WriteLine(World is not null
            ? "Interrupted: all ranks end after the step that they are in. Should one not answer, the newest checkpoint stays."
            : $"Interrupted: finishing {(ready[^1].First.Configuration.CountsPasses ? "this pass" : "the steps up to the next evaluation")}. "
                + "Ctrl-C again stops at once."));
        if (_request.Runs > 1 && !stages.DependOnSeed)
        {
            Report.WriteLine(
                "note: every run starts from the same weights, and nothing in its training is random: all will be the same.");
        }

        TrainingStart?[] starts = [.. Enumerable.Repeat(stages.Start, _request.Runs ?? 1)];
        bool interrupted = false;
        foreach (TrainingStage stage in ready)
        {
            if (count > 1)
            {
                Report.WriteLine(ReportLines.Stage(stage));
            }

            // Several seeds have a folder each, and each of those one per stage.
            StageTraining training = _request.Runs is null
                ? new SingleTraining(stage, stage.FolderIn(folder), _request, _console)
                : new SeedsTraining(stage, folder, _request, _console);
            IReadOnlyList<RunOutcome?> outcomes = training.Train(starts, interruption);
            interrupted = training.IsInterrupted;
            if (stage.IsLast)
            {
                break;
            }

            // Of the experiment that was asked for nothing has been trained yet.
            if (World.IsAgreed(interruption.IsCancellationRequested))
            {
                throw new OperationCanceledException(interruption);
            }

            string from = ready[stage.Number].First.Configuration.From!;
            starts = [.. outcomes.Select(outcome => new TrainingStart(from, outcome!.Parameters, outcome.Result))];
        }

        return interrupted || (World is null && interruption.IsCancellationRequested);
    }

    /// <summary>Writes down what is ordered; of a run that goes on, makes sure that it is the same still.</summary>
    private void Begin(
        RunClaim? claim, ExperimentConfiguration configuration, List<EngineChoice> choices, IReadOnlyList<RunPin> pins)
    {
        if (claim is null)
        {
            return;
        }

        if (_request.Resume is not var (folder, ordered))
        {
            claim.Folder.Begin(configuration, Order(choices, pins), EnvironmentOf(choices[^1]));
            claim.Confirm();
            return;
        }

        folder.SetFoldersAside(Report.WriteLine);
        if (StagePin.Differences(ordered.Pins ?? pins, pins) is [_, ..] differences)
        {
            if (folder.ReadEnvironment(_ => { })?.Order?.Pins is { } copy && StagePin.Differences(copy, pins) is [])
            {
                Report.WriteLine("note: order.json is damaged: what the run was begun with is taken from its copy in environment.json.");
                differences = [];
            }
        }
        else
        {
            differences = [];
        }

        if (differences.Count > 0)
        {
            if (!_request.AcceptsChanges)
            {
                throw new BadInputException(
                    $"--resume {folder.FullPath}: {string.Join(' ', differences)} What goes on would be another training. Make it as it was, or "
                    + "give --accept-changes.");
            }

            foreach (string difference in differences)
            {
                Report.WriteLine($"note: {difference} The run goes on all the same, as asked for.");
            }

            folder.Reorder(ordered with { Pins = pins }, differences);
        }

        if (_request.IsLengthened)
        {
            folder.Lengthen(_request.Configuration, Report.WriteLine);
        }
    }

    private RunOrder Order(List<EngineChoice> choices, IReadOnlyList<RunPin> pins) => new(
        [.. choices.Select(choice => choice.Kind)],
        _request.Device,
        _request.Kernels,
        _request.Runs,
        _request.Checkpoints.Every,
        _request.Checkpoints.Keep,
        _request.WritesEvents,
        _request.IsEnsemble,
        _request.IsEveryDevice,
        pins);

    /// <summary>Refuses a training that ranks cannot share.</summary>
    private static void RequireShareable(ExperimentConfiguration experiment, MpiWorld world)
    {
        if (EngineChoice.TrainsPerExample(experiment))
        {
            throw new BadInputException(
                FormattableString.Invariant($"{world.Size} ranks cannot share this: {experiment.Experiment} trains example by example, ")
                + "where each step waits for the one before. Add --batch full, which they share; or --runs, whose trainings they share "
                + "out; or leave mpirun out.");
        }
    }

    /// <summary>What ranks must have in common: each sums its slices, and nobody would see that they do not belong together.</summary>
    private static IEnumerable<(byte[] Hash, string Problem)> Common(PlannedRun run)
    {
        yield return (
            Hash(ConfigurationFile.Fingerprint(run.Configuration)),
            $"The configuration of {run.Configuration.Experiment} is another one here than on rank 0. Give all ranks the same file.");
        string version = typeof(TrainingJob).Assembly.GetName().Version!.ToString();
        yield return (Hash(version), $"This program is version {version}, and that of rank 0 is another. Give all ranks the same program.");
        yield return (
            Hash(run.Choice.Driver is null ? HostProcessor.InstructionSet : ""),
            $"This processor has {HostProcessor.InstructionSet}, and that of rank 0 has other vectors, by which a batch is cut. Use machines of "
            + "one kind, or start all ranks with DOTNET_EnableAVX512=0.");

        // A long built-in set is its seed, and is not drawn whole here.
        bool isDrawnLater = run.Data.Dataset == DataSets.Builtin && run.Data.TrainCount > StreamedSet.MostResident;
        yield return (
            SHA256.HashData(isDrawnLater ? [] : MemoryMarshal.AsBytes<float>(run.Data.Train.Pixels)),
            $"The digits of {run.Data.Dataset} are others here than on rank 0. Give all ranks the same --data.");

        static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    private static RunEnvironment EnvironmentOf(EngineChoice choice) =>
        RunEnvironment.Now(HostProcessor.Name, choice.Accelerator, choice.Device, choice.Driver);

    private TrainingStage Prepare(
        ExperimentConfiguration configuration, EngineChoice choice, int number, int stages, CancellationToken interruption)
    {
        Report.WriteLine(ReportLines.Experiment(configuration));
        Report.WriteLine(ReportLines.Network(configuration));
        long started = Stopwatch.GetTimestamp();
        DataRequest asked = configuration.Data with
        {
            Share = choice.Ranks is { } ranks ? new RankShare(ranks.Rank, ranks.Size) : RankShare.Whole,
        };
        LoadedData data = DataSets.Load(asked, _request.Data, Report.WriteLine, interruption);
        double dataSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        interruption.ThrowIfCancellationRequested();
        Report.WriteLine(ReportLines.Data(data));
        Report.WriteLine(ReportLines.Engine(choice, configuration));
        if (choice.TeacherOf(configuration) is { } teacher)
        {
            Report.WriteLine(ReportLines.Teacher(configuration, teacher));
        }

        // What is saved runs again as it ran: "auto" has become the data set that was used.
        PlannedRun first = new(configuration.On(data), data, choice) { DataSeconds = dataSeconds };
        return new TrainingStage(first, number, stages);
    }
}
