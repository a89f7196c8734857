using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Runs.TensorBoard;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Training;

/// <summary>From a request to its results: checks, data, one or several runs, what is printed and what is saved.</summary>
internal sealed class TrainingJob
{
    private readonly TrainingRequest _request;
    private readonly TextWriter _output;
    private readonly TextWriter _talk;
    private readonly TrainingReport _report;

    /// <summary>Prepares a job.</summary>
    /// <param name="request">What to train.</param>
    /// <param name="output">The standard output.</param>
    /// <param name="error">The standard error, which takes everything but the result when that is JSON.</param>
    public TrainingJob(TrainingRequest request, TextWriter output, TextWriter error)
    {
        _request = request;
        _output = output;
        _talk = request.Json ? error : output;
        _report = request.Quiet ? new PlainReport(TextWriter.Null) : TrainingReport.On(_talk);
    }

    /// <summary>Does it all.</summary>
    /// <param name="interruption">Ends the training after the pass that it is in.</param>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">Something cannot be used; found before training begins.</exception>
    /// <exception cref="RunFailedException">The training went wrong.</exception>
    /// <exception cref="OperationCanceledException">Interrupted before training began: there is nothing to save.</exception>
    public int Execute(CancellationToken interruption)
    {
        TrainingStages stages = TrainingStages.Of(_request.Configuration);
        List<EngineChoice> choices = [];
        try
        {
            foreach (ExperimentConfiguration experiment in stages.Experiments)
            {
                choices.Add(_request.Replicas
                    ? EngineChoice.ForReplicas(_request.Accelerator, _request.Device, experiment)
                    : EngineChoice.For(Accelerator(choices.Count), _request.Device, experiment, _request.Kernels));
            }

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
            && EngineChoice.Names.TryParse(resume.Order.Accelerators[stage], out AcceleratorKind accelerator)
            ? accelerator
            : throw new BadInputException(
                $"{resume.Folder.FullPath} does not say what trains stage {stage + 1}. The run cannot be resumed.");

    private bool Execute(TrainingStages stages, List<EngineChoice> choices, CancellationToken interruption)
    {
        RunFolder? folder = !_request.Saves ? null
            : _request.Resume is { } resume ? resume.Folder
            : _request.Out is { } path ? RunFolder.Claim(path)
            : RunFolder.ClaimNew(_request.Configuration.Experiment);
        try
        {
            using FolderHold? hold = folder is null
                ? null
                : FolderHold.Take(folder.FullPath, folder.FullPath, "another run");
            return Execute(stages, choices, folder, interruption);
        }
        finally
        {
            folder?.DiscardIfEmpty();
        }
    }

    private bool Execute(
        TrainingStages stages, List<EngineChoice> choices, RunFolder? folder, CancellationToken interruption)
    {
        int count = stages.Experiments.Count;

        // Every stage's digits are there before the first is trained: nothing is trained for nothing.
        TrainingStage[] ready = [.. Enumerable.Range(0, count)
            .Select(index => Prepare(stages.Experiments[index], choices[index], index + 1, count, interruption))];
        if (_request.Resume is null)
        {
            folder?.Begin(ready[^1].Configuration, Order(choices), EnvironmentOf(choices[^1]));
        }

        using CancellationTokenRegistration note = interruption.Register(
            () => _report.WriteLine(
                $"Interrupted: finishing {(ready[^1].Configuration.CountsPasses ? "this pass" : "the steps up to the next evaluation")}. "
                + "Ctrl-C again stops at once."));
        if (_request.Runs > 1 && !stages.DependOnSeed)
        {
            _report.WriteLine(
                "note: every run starts from the same weights, and nothing in its training is random: all will be the same.");
        }

        TrainingStart?[] starts = [.. Enumerable.Repeat(stages.Start, _request.Runs ?? 1)];
        bool interrupted = false;
        foreach (TrainingStage stage in ready)
        {
            if (count > 1)
            {
                _report.WriteLine(ReportLines.Stage(stage));
            }

            RunFolder? OfStage(RunFolder? run)
            {
                for (int later = stage.Number; later < count; later++)
                {
                    run = run?.OfStart();
                }

                return run;
            }

            (RunOutcome?[] outcomes, interrupted) = _request.Runs is null
                ? ExecuteOne(stage, starts[0], OfStage(folder), interruption)
                : ExecuteMany(stage, starts, folder, OfStage, interruption);
            if (stage.IsLast)
            {
                break;
            }

            // Of the experiment that was asked for nothing has been trained yet.
            interruption.ThrowIfCancellationRequested();
            string from = ready[stage.Number].Configuration.From!;
            starts = [.. outcomes.Select(outcome => new TrainingStart(from, outcome!.Parameters, outcome.Result))];
        }

        return interrupted || interruption.IsCancellationRequested;
    }

    private RunOrder Order(List<EngineChoice> choices) => new(
        [.. choices.Select(choice => choice.Accelerator)],
        _request.Device,
        EngineChoice.KernelNames[_request.Kernels],
        _request.Runs,
        _request.Checkpoints.Every,
        _request.Checkpoints.Keep,
        _request.WritesEvents,
        _request.Replicas);

    private static RunEnvironment EnvironmentOf(EngineChoice choice) =>
        RunEnvironment.Now(HostProcessor.Name, choice.Accelerator, choice.Device, choice.Driver);

    /// <summary>What a run left that came to its end before; null where there is something to train.</summary>
    private RunOutcome? Finished(RunFolder? folder, ExperimentConfiguration configuration) =>
        _request.Resume is not null
        && folder?.Find(configuration) is { Interrupted: false, Failure: null } result
            ? new RunOutcome(configuration, result, folder.ReadParameters())
            : null;

    private CheckpointFolder? Checkpoints(RunFolder? folder, ExperimentConfiguration configuration) =>
        folder is null ? null : new CheckpointFolder(folder.Checkpoints, configuration, _request.Checkpoints);

    private RunEvents? Events(
        RunFolder? folder, ExperimentConfiguration configuration, LoadedData data, Checkpoint? resumed) =>
        folder is null || !_request.WritesEvents ? null : new RunEvents(folder.Events, configuration, data, resumed);

    /// <summary>Where a run was left, and a line about it.</summary>
    private Checkpoint? Latest(CheckpointFolder? checkpoints, ExperimentConfiguration configuration)
    {
        if (_request.Resume is null || checkpoints is null)
        {
            return null;
        }

        Checkpoint? latest = checkpoints.Latest(_report.WriteLine);
        _report.WriteLine(latest is null
            ? FormattableString.Invariant($"resume: seed {configuration.Seed} has no checkpoint, and begins anew")
            : FormattableString.Invariant(
                $"resume: seed {configuration.Seed} goes on after {latest.Steps:N0} of {configuration.TotalSteps:N0} steps"));
        return latest;
    }

    private TrainingStage Prepare(
        ExperimentConfiguration configuration, EngineChoice choice, int number, int stages, CancellationToken interruption)
    {
        _report.WriteLine(ReportLines.Experiment(configuration));
        _report.WriteLine(ReportLines.Network(configuration));
        long started = Stopwatch.GetTimestamp();
        LoadedData data = DataSets.Load(configuration.Data, _request.Data, _report.WriteLine, interruption);
        double dataSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        interruption.ThrowIfCancellationRequested();
        _report.WriteLine(ReportLines.Data(data));
        _report.WriteLine(ReportLines.Engine(choice));

        // What is saved runs again as it ran: "auto" has become the data set that was used.
        return new TrainingStage(configuration.On(data), data, choice, dataSeconds, number, stages);
    }

    private (RunOutcome?[] Outcomes, bool Interrupted) ExecuteOne(
        TrainingStage stage, TrainingStart? start, RunFolder? folder, CancellationToken interruption)
    {
        (ExperimentConfiguration configuration, LoadedData data, EngineChoice choice, double dataSeconds, _, _) = stage;
        if (Finished(folder, configuration) is { } finished)
        {
            _report.WriteLine("resume: this run came to its end; there is nothing left to train");
            Report(stage, [finished], finished.Result, folder);
            return ([finished], false);
        }

        long started = Stopwatch.GetTimestamp();
        ITrainingSet training = data.OpenTraining();
        using IDisposable? stream = training as IDisposable;
        using ITrainer engine = choice.CreateTrainer(configuration, training, data.Test, threads: 0);
        double compileSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (choice.NoteOn(engine, configuration) is { } note)
        {
            _report.WriteLine(note);
        }

        CheckpointFolder? checkpoints = Checkpoints(folder, configuration);
        Checkpoint? resumed = Latest(checkpoints, configuration);
        if (start is not null && resumed is null)
        {
            _report.WriteLine(ReportLines.Start(start));
        }

        HistoryEntry? latest = null;
        RunOutcome? outcome = null;
        using RunEvents? events = Events(folder, configuration, data, resumed);
        TrainingRun run = new(configuration, data, choice, engine, dataSeconds, compileSeconds)
        {
            Start = start,
            Checkpoints = checkpoints,
            Events = events,
            Resumed = resumed,
            IsFirst = stage.Number == 1,
            Trained = (steps, seconds) => _report.Show(
                (double)steps / configuration.TotalSteps,
                () => ReportLines.Progress(configuration, steps - (resumed?.Steps ?? 0), steps, seconds, latest)),
            Evaluated = entry =>
            {
                latest = entry;
                _report.WriteLine(ReportLines.Train(entry.Train));
                _report.WriteLine(ReportLines.Test(entry.Test, data.IsValidation));
            },
        };
        _report.During(() => outcome = run.Execute(interruption));
        RunResult result = outcome!.Result;

        // Saved before the last words: a reader that went away must not cost the results.
        folder?.Save(outcome.Configuration, result, outcome.Parameters);
        events?.Finish(result, outcome.Parameters);
        Report(stage, [outcome], result, folder);
        return result.Failure is null
            ? ([outcome], result.Interrupted)
            : throw new RunFailedException(string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Failure} The {result.Steps:N0} steps up to the last evaluation are kept"
                + $"{(folder is null ? "" : $" in {folder.FullPath}")}."));
    }

    private void Report(TrainingStage stage, RunOutcome[] outcomes, RunResult result, RunFolder? folder)
    {
        if (stage.IsLast && _request is { Quiet: true, Json: false })
        {
            _talk.WriteLine(ReportLines.Train(result.Train));
            _talk.WriteLine(ReportLines.Test(result.Test, stage.Data.IsValidation));
        }

        _report.WriteLine(ReportLines.Finished(result));
        _report.WriteLine(ReportLines.Fingerprint(result));
        WriteReport(stage, outcomes, folder);
        SayWhere(folder);
        if (stage.IsLast && _request.Json)
        {
            _output.WriteLine(JsonSerializer.Serialize(
                result with { Folder = folder?.FullPath }, ResultJson.Relaxed.RunResult));
        }
    }

    private (RunOutcome?[] Outcomes, bool Interrupted) ExecuteMany(
        TrainingStage stage,
        TrainingStart?[] starts,
        RunFolder? folder,
        Func<RunFolder?, RunFolder?> ofStage,
        CancellationToken interruption)
    {
        (ExperimentConfiguration configuration, LoadedData data, EngineChoice choice, double dataSeconds, _, _) = stage;
        int runs = starts.Length;
        long started = Stopwatch.GetTimestamp();
        RunOutcome?[] outcomes = new RunOutcome?[runs];
        long[] stepsDone = new long[runs];
        Lock gate = new();
        int reported = 0;
        string? failure = null;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(interruption);

        // On the CPU a run is one core's work and shares nothing but the digits, so that runs side by side give the same
        // bits as runs one after the other. Their times do not: cores share memory and clock. A device trains one run
        // after the other, with kernels compiled once.
        bool isShared = !choice.RunsInParallel && !_request.Replicas;
        ITrainingSet trainingOfAll = data.OpenTraining();
        using IDisposable? streamOfAll = trainingOfAll as IDisposable;
        using ITrainer? shared = isShared ? choice.CreateTrainer(configuration, trainingOfAll, data.Test, threads: 0) : null;
        double compileSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (shared is not null && choice.NoteOn(shared, configuration) is { } noteOfAll)
        {
            _report.WriteLine(noteOfAll);
        }

        void ExecuteRun(int index)
        {
            if (shared is not null)
            {
                TrainOn(shared, index);
                return;
            }

            ITrainingSet training = data.OpenTraining();
            using IDisposable? stream = training as IDisposable;
            using ITrainer own = choice.CreateTrainer(
                configuration with { Seed = configuration.Seed + (uint)index }, training, data.Test, threads: 1);
            TrainOn(own, index);
        }

        void TrainOn(ITrainer engine, int index)
        {
            if (stop.IsCancellationRequested)
            {
                return;
            }

            ExperimentConfiguration own = configuration with { Seed = configuration.Seed + (uint)index };
            RunFolder? ownFolder = ofStage(folder?.OfSeed(own.Seed));
            if (Finished(ownFolder, own) is { } finished)
            {
                stepsDone[index] = own.TotalSteps;
                Take(index, finished);
                return;
            }

            CheckpointFolder? checkpoints = Checkpoints(ownFolder, own);
            Checkpoint? resumed = Latest(checkpoints, own);
            using RunEvents? events = Events(ownFolder, own, data, resumed);
            TrainingRun run = new(own, data, choice, engine, dataSeconds, compileSeconds)
            {
                Start = starts[index],
                Checkpoints = checkpoints,
                Events = events,
                Resumed = resumed,
                Trained = (steps, _) =>
                {
                    stepsDone[index] = steps;
                    double fraction = stepsDone.Sum() / ((double)runs * own.TotalSteps);
                    _report.Show(fraction, () => ReportLines.Progress(
                        reported, runs, fraction, Stopwatch.GetElapsedTime(started).TotalSeconds));
                },
            };
            RunOutcome outcome;
            try
            {
                outcome = run.Execute(stop.Token);
            }
            catch (RunFailedException failed)
            {
                // The other runs' results are worth keeping.
                Fail(own, failed.Message);
                return;
            }

            if (outcome.Result.Failure is { } lost)
            {
                Fail(own, lost);
            }

            ownFolder?.Save(own, outcome.Result, outcome.Parameters);
            events?.Finish(outcome.Result, outcome.Parameters);
            Take(index, outcome);
        }

        void ExecuteReplicas()
        {
            ITrainingSet training = data.OpenTraining();
            using IDisposable? stream = training as IDisposable;
            using EnsembleTrainer trainer = choice.CreateReplicas(configuration, data, training, runs);
            if (choice.NoteOnReplicas(configuration) is { } note)
            {
                _report.WriteLine(note);
            }

            ExperimentConfiguration[] seeds = [.. Enumerable.Range(0, runs)
                .Select(index => configuration with { Seed = configuration.Seed + (uint)index })];
            RunFolder?[] folders = [.. seeds.Select(own => ofStage(folder?.OfSeed(own.Seed)))];
            RunEvents?[] events = [.. seeds.Select((own, index) => Events(folders[index], own, data, resumed: null))];
            try
            {
                long begun = Stopwatch.GetTimestamp();
                EnsembleRuns replicas = new(
                    seeds, starts, data, choice, trainer, dataSeconds, Stopwatch.GetElapsedTime(started).TotalSeconds)
                {
                    Events = events,
                    Trained = steps => _report.Show(
                        (double)steps / configuration.TotalSteps,
                        () => ReportLines.Progress(
                            configuration, steps * runs, steps, Stopwatch.GetElapsedTime(begun).TotalSeconds, runs)),
                };
                IReadOnlyList<(RunOutcome? Outcome, string? Failure)> ends = replicas.Execute(stop.Token);
                for (int index = 0; index < runs; index++)
                {
                    if (ends[index].Failure is { } lost)
                    {
                        Fail(seeds[index], lost);
                    }

                    if (ends[index].Outcome is { } outcome)
                    {
                        folders[index]?.Save(seeds[index], outcome.Result, outcome.Parameters);
                        events[index]?.Finish(outcome.Result, outcome.Parameters);
                        Take(index, outcome);
                    }
                }
            }
            finally
            {
                foreach (RunEvents? own in events)
                {
                    own?.Dispose();
                }
            }
        }

        void Take(int index, RunOutcome outcome)
        {
            lock (gate)
            {
                outcomes[index] = outcome;
                for (; reported < runs && outcomes[reported] is { Result: RunResult next }; reported++)
                {
                    _report.WriteLine(ReportLines.Run(reported + 1, runs, next));
                    _report.WriteLine(ReportLines.Train(next.Train));
                    _report.WriteLine(ReportLines.Test(next.Test, data.IsValidation));
                }
            }
        }

        void Fail(ExperimentConfiguration own, string message)
        {
            lock (gate)
            {
                failure ??= string.Create(CultureInfo.InvariantCulture, $"Seed {own.Seed}: {message}");
            }

            stop.Cancel();
        }

        int atATime = shared is null ? Environment.ProcessorCount : 1;
        _report.During(() =>
        {
            if (_request.Replicas)
            {
                ExecuteReplicas();
            }
            else
            {
                ParallelWork.ForEach(Enumerable.Range(0, runs), atATime, ExecuteRun);
            }
        });
        RunResult[] results = [.. outcomes.Where(outcome => outcome is not null).Select(outcome => outcome!.Result)];
        if (results.Length == 0)
        {
            throw failure is null ? new OperationCanceledException(interruption) : new RunFailedException(failure);
        }

        RunResult[] complete = [.. results.Where(result => !result.Interrupted)];

        // Replicas train at the same time: each one's times are those of all.
        double Together(Func<RunSeconds, double> part) => _request.Replicas
            ? results.Select(result => part(result.Seconds)).DefaultIfEmpty().Max()
            : results.Sum(result => part(result.Seconds));
        RunsResult joint = new()
        {
            Experiment = configuration.Experiment,
            Accelerator = choice.Accelerator,
            Device = choice.Device,
            Dataset = data.Dataset,
            TestedOn = data.IsValidation ? RunResult.Validation : null,
            Batch = configuration.Batch,
            Interrupted = complete.Length < runs,
            Seconds = new RunSeconds(
                dataSeconds,
                Together(seconds => seconds.Compile),
                Together(seconds => seconds.Train),
                Together(seconds => seconds.Evaluate),
                dataSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds),
            Runs = results,
            Summary = complete.Length == 0 ? null : RunsSummary.Of(complete),
        };
        if (stage.IsLast)
        {
            folder?.Save(configuration, joint);
        }

        foreach (string line in joint.Summary is { } summary ? ReportLines.Summary(summary, data.IsValidation) : [])
        {
            if (stage.IsLast && _request is { Quiet: true, Json: false })
            {
                _talk.WriteLine(line);
            }

            _report.WriteLine(line);
        }

        _report.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{complete.Length} of {runs} runs, {joint.Seconds.Train / results.Length:F2} s of training each, "
            + $"in all {joint.Seconds.Total:F2} s")
            + (choice.RunsInParallel ? $" on {Math.Min(runs, Environment.ProcessorCount)} cores" : ""));
        if (_request.Replicas)
        {
            _report.WriteLine(ReportLines.Replicas(results));
        }

        WriteReport(stage, [.. outcomes.OfType<RunOutcome>()], folder);
        SayWhere(stage.IsLast ? folder : null);
        if (stage.IsLast && _request.Json)
        {
            _output.WriteLine(JsonSerializer.Serialize(
                joint with { Folder = folder?.FullPath }, ResultJson.Relaxed.RunsResult));
        }

        return failure is null ? (outcomes, joint.Interrupted) : throw new RunFailedException(failure);
    }

    /// <summary>The page about what has just been trained. The results are safe by then, and do not depend on it.</summary>
    private void WriteReport(TrainingStage stage, RunOutcome[] outcomes, RunFolder? folder)
    {
        if (folder is null || !stage.IsLast || !_request.WritesReport)
        {
            return;
        }

        try
        {
            ReportedRun run = new()
            {
                Name = stage.Configuration.Experiment,
                Configuration = outcomes[0].Configuration,
                Environment = folder.ReadEnvironment(),
                Results = [.. outcomes.Select(outcome => outcome.Result)],
                Parameters = outcomes[0].Parameters,
            };
            RunReport.Write(folder.FullPath, [run.WithDigits(stage.Data.Test)]);
        }
        catch (Exception failure) when (failure is BadInputException or RunFailedException)
        {
            _report.WriteLine($"note: there is no report. {failure.Message} 'trainer report {folder.FullPath}' makes it.");
        }
    }

    private void SayWhere(RunFolder? folder)
    {
        if (folder is not null)
        {
            _report.WriteLine($"saved: {folder.FullPath}");
        }
    }
}
