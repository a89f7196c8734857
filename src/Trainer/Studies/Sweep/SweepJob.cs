using System.Diagnostics;
using System.Text.Json;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;
using SweepRuns = GpuConvnet.Trainer.Studies.StudyRuns<(int Point, uint Seed), GpuConvnet.Trainer.Studies.Sweep.SweepRun>;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>
/// From a request to a ranking: points, digits, runs side by side, what is printed and what is saved. The test split is
/// opened only when the search is over and only for the best point, and only if that was asked for.
/// </summary>
internal sealed class SweepJob
{
    private readonly SweepRequest _request;
    private readonly TextWriter _output;
    private readonly TrainingReport _report;
    private readonly Dictionary<DataRequest, LoadedData> _data = [];

    // Per example or not.
    private readonly Dictionary<bool, EngineChoice> _choices = [];

    /// <summary>Prepares a job.</summary>
    /// <param name="request">What to search.</param>
    /// <param name="output">The standard output.</param>
    /// <param name="error">The standard error, which takes everything but the result when that is JSON.</param>
    public SweepJob(SweepRequest request, TextWriter output, TextWriter error)
    {
        _request = request;
        _output = output;
        _report = TrainingReport.On(request.Json ? error : output);
    }

    /// <summary>Does it all.</summary>
    /// <param name="interruption">Ends the sweep at once; finished runs are kept.</param>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">Something cannot be used; found before anything is trained.</exception>
    /// <exception cref="RunFailedException">A run failed for another reason than divergence, or all diverged.</exception>
    /// <exception cref="OperationCanceledException">Interrupted before training began.</exception>
    public int Execute(CancellationToken interruption)
    {
        try
        {
            return ExecuteWithDevices(interruption);
        }
        finally
        {
            foreach (EngineChoice choice in _choices.Values)
            {
                choice.Dispose();
            }
        }
    }

    private int ExecuteWithDevices(CancellationToken interruption)
    {
        long started = Stopwatch.GetTimestamp();
        SweepPoint[] points = _request.Random is int count
            ? SweepSpace.Random(_request.Configuration, _request.Axes, count, _request.SearchSeed)
            : SweepSpace.Grid(_request.Configuration, _request.Axes);
        _report.WriteLine(ReportLines.Experiment(_request.Configuration));
        string seeds = Invariant($"{(_request.Halving ? "up to " : "")}{_request.Runs:N0} {(_request.Runs == 1 ? "seed" : "seeds")}");
        _report.WriteLine(Invariant($"sweep: {points.Length:N0} {(points.Length == 1 ? "point" : "points")}, {seeds} each, of ")
            + string.Join(' ', _request.Axes.Select(axis => axis.Text)));
        foreach (string twoValues in _request.Axes.Select(axis => axis.Note).OfType<string>())
        {
            _report.WriteLine(twoValues);
        }

        points = [.. points.Select(point => Prepare(point, interruption))];
        interruption.ThrowIfCancellationRequested();
        LoadedData[] sets = [.. _data.Values.Distinct()];
        foreach (LoadedData data in sets)
        {
            _report.WriteLine(ReportLines.Data(data));
        }

        if (sets.Length > 1)
        {
            _report.WriteLine("note: the points differ in their digits, and so in those that they are compared on");
        }

        foreach ((bool isPerExample, EngineChoice choice) in _choices)
        {
            _report.WriteLine(ReportLines.Engine(
                choice, points.Select(point => point.Configuration).Where(of => IsPerExample(of) == isPerExample)));
        }

        SayWorkers(points);

        SweepDefinition definition = SweepDefinition.Of(
            _request,
            [.. _data.Values.Select(data => data.Identity).Distinct()],
            [.. _choices.Values.Select(choice => choice.Accelerator).Distinct()],
            SayWhatIsAtOnce(points));
        using SweepFolder? folder = _request.Out is { } path ? SweepFolder.Open(path, definition) : null;
        if (folder?.Note is { } held)
        {
            _report.WriteLine(held);
        }

        SweepRuns search = new(
            folder?.ReadSearch(points.Length, _report.WriteLine) ?? [],
            run => (run.Point, run.Seed),
            run => folder?.Save(run, isTest: false));
        folder?.DiscardCheckpoints(search.All);
        if (search.Count > 0)
        {
            _report.WriteLine(Invariant($"going on: {search.Count:N0} runs are finished already"));
        }

        using CancellationTokenRegistration note = interruption.Register(
            () => _report.WriteLine(definition.AtOnce && folder is not null
                ? "Interrupted: finished runs are kept, and those that a device trains at once as far as they are."
                : "Interrupted: runs under way are dropped, finished ones are kept."));
        bool isComplete = Search(points, search, folder, interruption);
        SweepStanding[] ranking = SweepStanding.Order(search.All);
        SweepPoint? best = isComplete && ranking[0].ValidationMisses is not null ? points[ranking[0].Point - 1] : null;

        // An earlier call may have tested: what has been looked at stays on record.
        SweepRuns tested = new(
            folder?.ReadTest(_report.WriteLine) ?? [], run => (run.Point, run.Seed), run => folder?.Save(run, isTest: true));
        if (best is not null && _request.ThenTest)
        {
            isComplete = Test(best, tested, folder, interruption);
        }

        folder?.DiscardCheckpoints(search.All.Concat(tested.All));

        SweepResult result = new()
        {
            Experiment = _request.Configuration.Experiment,
            Definition = definition,
            Device = string.Join("; ", _choices.Values.Select(choice => choice.Device).Distinct()),
            TestedOn = RunResult.Validation,
            Points = points.Length,
            Interrupted = !isComplete,
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            Ranking = ranking,
            Test = tested.Count > 0 ? SweepTest.Of([.. tested.All.OrderBy(run => run.Seed)]) : null,
        };
        folder?.Save(
            result, _request.Axes.Select(axis => axis.Path), best is null ? null : Named(best, ranking[0], points.Length));
        Print(result, best, folder);
        return !isComplete
            ? ExitCode.Interrupted
            : best is null
                ? throw new RunFailedException("Every run diverged. Try smaller learning rates.")
                : ExitCode.Done;
    }

    /// <summary>Has the other processes get ready, and says what trains where.</summary>
    private void SayWorkers(SweepPoint[] points)
    {
        foreach ((bool isPerExample, EngineChoice choice) in _choices)
        {
            ExperimentConfiguration any =
                points.Select(point => point.Configuration).First(configuration => IsPerExample(configuration) == isPerExample);
            IReadOnlyList<string> lines =
                _request.Workers?.Open(choice, any, _request.Jobs, _request.Data, folder: null) ?? [];
            foreach (string line in lines)
            {
                _report.WriteLine(line);
            }
        }
    }

    /// <summary>Sees to a point's digits and to what trains it; "auto" becomes the data set that was found.</summary>
    private SweepPoint Prepare(SweepPoint point, CancellationToken interruption)
    {
        ExperimentConfiguration configuration = point.Configuration;
        LoadedData data = Digits(configuration, interruption);
        bool isPerExample = IsPerExample(configuration);
        if (!_choices.TryGetValue(isPerExample, out EngineChoice? choice))
        {
            choice = EngineChoice.For(_request.Accelerator, _request.Device, _request.IsEveryDevice, configuration);
            _choices[isPerExample] = choice;
        }

        ExperimentConfiguration resolved = configuration.On(data);
        _data[resolved.Data] = data;

        // A teacher that is not there is missed before anything is trained.
        _ = choice.TeacherOf(resolved);
        return point with { Configuration = resolved };
    }

    private LoadedData Digits(ExperimentConfiguration configuration, CancellationToken interruption)
    {
        if (!_data.TryGetValue(configuration.Data, out LoadedData? data))
        {
            data = DataSets.Load(configuration.Data, _request.Data, _report.WriteLine, interruption);
            _data[configuration.Data] = data;
        }

        return data;
    }

    /// <summary>Trains every point with every seed; with halving in rounds, each of fewer points with more seeds.</summary>
    /// <returns>Whether the search came to its end.</returns>
    private bool Search(SweepPoint[] points, SweepRuns runs, SweepFolder? folder, CancellationToken interruption)
    {
        SweepPoint[] kept = points;
        for (int seeds = _request.Halving ? 1 : _request.Runs; ; seeds = Math.Min(2 * seeds, _request.Runs))
        {
            if (!Train(kept, _request.Configuration.Seed, seeds, runs, folder, interruption))
            {
                return false;
            }

            if (seeds == _request.Runs)
            {
                return true;
            }

            HashSet<int> numbers = [.. kept.Select(point => point.Number)];
            kept = [.. SweepStanding.Order(runs.All.Where(run => numbers.Contains(run.Point) && IsOf(run.Seed, seeds)))
                .Take((kept.Length + 1) / 2)
                .Select(standing => points[standing.Point - 1])];
            _report.WriteLine(Invariant($"halving: {kept.Length:N0} of {numbers.Count:N0} points go on"));
        }

        bool IsOf(uint seed, int seeds) => seed - _request.Configuration.Seed < seeds;
    }

    /// <summary>Trains the best point with seeds that had no part in its choice, and tests it on the test split.</summary>
    private bool Test(SweepPoint best, SweepRuns runs, SweepFolder? folder, CancellationToken interruption)
    {
        ExperimentConfiguration configuration = best.Configuration with { Validation = 0 };
        try
        {
            _report.WriteLine(ReportLines.Data(Digits(configuration, interruption)));
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested)
        {
            return false;
        }

        uint firstSeed = configuration.Seed + (uint)_request.Runs;
        return Train([best with { Configuration = configuration }], firstSeed, _request.Runs, runs, folder, interruption);
    }

    /// <summary>Trains some points with some seeds each, but for what is finished already.</summary>
    /// <returns>Whether all are finished now.</returns>
    private bool Train(
        SweepPoint[] points, uint firstSeed, int seeds, SweepRuns runs, SweepFolder? folder, CancellationToken interruption)
    {
        // What is trained at once does not depend on how much of it is finished already.
        (SweepPoint Point, uint Seed, int? Group)[] left =
        [
            .. Grouped(points, firstSeed, seeds).Where(run => !runs.Has((run.Point.Number, run.Seed))),
        ];
        PlannedRun[] planned = [.. left.Select(run => Planned(run.Point, run.Seed))];
        int[][] atOnce =
        [
            .. from index in Enumerable.Range(0, left.Length)
               where left[index].Group is not null
               group index by left[index].Group
               into together
               select together.ToArray(),
        ];
        return StudyTraining.TryTrain(
            _report,
            planned,
            _request.Jobs,
            _request.Workers,
            (index, result, seconds) =>
            {
                SweepRun run = Finished(left[index].Point, planned[index], result, seconds);
                runs.Add(run);
                return Text(run);
            },
            interruption,
            index => _request.Live?.Add(planned[index].Shown(
                Invariant($"{SweepPoint.Text(left[index].Point.Settings)} seed={left[index].Seed}"),
                isAlone: false,
                isAtOnce: left[index].Group is not null)),
            atOnce,
            folder is null ? null : index => folder.CheckpointsOf(left[index].Point.Number, left[index].Seed));
    }

    /// <summary>Every run of some points, and which of the groups it belongs to that a device trains at once, if any.</summary>
    private (SweepPoint Point, uint Seed, int? Group)[] Grouped(SweepPoint[] points, uint firstSeed, int seeds)
    {
        (SweepPoint Point, uint Seed, int? Group)[] all =
        [
            .. from point in points
               from index in Enumerable.Range(0, seeds)
               select (point, firstSeed + (uint)index, (int?)null),
        ];
        if (_request.Workers is null)
        {
            foreach ((int group, int[] together) in EnsembleGroups.Of([.. all.Select(run => Planned(run.Point, run.Seed))]).Index())
            {
                Array.ForEach(together, index => all[index].Group = group);
            }
        }

        return all;
    }

    /// <summary>Says which runs a device trains at once, and why it does not train the others so.</summary>
    /// <returns>Whether there are any.</returns>
    private bool SayWhatIsAtOnce(SweepPoint[] points)
    {
        EngineChoice[] devices = [.. _choices.Values.Where(choice => !choice.RunsInParallel)];
        if (devices.Length == 0)
        {
            return false;
        }

        if (_request.Workers is not null)
        {
            _report.WriteLine(
                "note: ranks train a sweep's runs on devices one after the other. One process trains many at once, on every GPU of its "
                + "machine with --device all.");
            return false;
        }

        (SweepPoint Point, uint Seed, int? Group)[] all = Grouped(points, _request.Configuration.Seed, _request.Runs);
        int atOnce = all.Count(run => run.Group is not null);
        if (atOnce > 0)
        {
            int groups = all.Select(run => run.Group).OfType<int>().Distinct().Count();
            _report.WriteLine(Invariant($"at once: {atOnce:N0} of {all.Length:N0} runs, each with settings of its own, ")
                + (groups == 1 ? "" : Invariant($"in {groups:N0} groups that differ in more, "))
                + Invariant($"at most {Math.Min(_request.Jobs ?? int.MaxValue, devices.Min(device => device.AtOnce()!.Value)):N0} at a time"));
        }

        // A batch that is larger keeps a device busy by itself.
        IEnumerable<PlannedRun> others = all.Where(run => run.Group is null).Select(run => Planned(run.Point, run.Seed))
            .Where(run => !run.Choice.RunsInParallel && run.Configuration.Batch.Of(run.Data.TrainCount) <= EnsembleTrainer.MostBatch);
        foreach ((string reason, int runs) in others.CountBy(EnsembleGroups.ReasonAgainst))
        {
            _report.WriteLine(Invariant($"note: {runs:N0} {(runs == 1 ? "run is" : "runs are")} trained one after the other, not at once: ")
                + $"{reason}. --accelerator host trains them side by side, a core each.");
        }

        return atOnce > 0;
    }

    private PlannedRun Planned(SweepPoint point, uint seed)
    {
        // Only the last evaluation counts here, and the others would take longer than some trainings.
        ExperimentConfiguration configuration = point.Configuration with { Seed = seed, EvaluateEvery = int.MaxValue };
        return new PlannedRun(
            configuration, _data[configuration.Data], _choices[IsPerExample(configuration)]);
    }

    private static SweepRun Finished(SweepPoint point, PlannedRun planned, RunResult? result, double seconds)
    {
        bool isValidation = planned.Data.IsValidation;
        return new()
        {
            Point = point.Number,
            Settings = point.Settings,
            Seed = planned.Configuration.Seed,
            Diverged = result is null,
            Seconds = seconds,
            Train = result?.Train,
            Validation = isValidation ? result?.Test : null,
            Test = isValidation ? null : result?.Test,
            ParametersSha256 = result?.ParametersSha256,
        };
    }

    // What an accelerator's name means depends on it.
    private static bool IsPerExample(ExperimentConfiguration configuration) => configuration.Batch == BatchSize.PerExample;

    /// <summary>The best point as an experiment of its own, which is tested on the test split like any other.</summary>
    private ExperimentConfiguration Named(SweepPoint best, SweepStanding standing, int points) => best.Configuration with
    {
        Experiment = $"{_request.Configuration.Experiment}-best",
        Description = Invariant($"The best of {points:N0} points of a sweep from {_request.Configuration.Experiment}: ")
            + Invariant($"{SweepPoint.Text(best.Settings)}. It misses {standing.ValidationMisses!.Mean:F1} of ")
            + Invariant($"{best.Configuration.Validation:N0} validation digits in the mean of {standing.Runs.Count} seeds."),
        Validation = 0,
    };

    private void Print(SweepResult result, SweepPoint? best, SweepFolder? folder)
    {
        foreach (string line in result.Ranking.Count > 0 ? SweepTable.Lines(result.Ranking) : [])
        {
            _report.WriteLine(line);
        }

        if (best is not null)
        {
            _report.WriteLine($"best: {SweepPoint.Text(best.Settings)}");
        }

        if (result.Test is { } test)
        {
            _report.WriteLine(test.Misses is { } misses
                ? Invariant($"test misses of the best, {test.Runs.Count} fresh seeds: mean {misses.Mean:F1}, sd {misses.Sd:F1}, ")
                    + Invariant($"min {misses.Min:F0}, max {misses.Max:F0}")
                : "test misses of the best: every run diverged");
        }

        int finished = result.Ranking.Sum(standing => standing.Runs.Count);
        _report.WriteLine(Invariant($"{(result.Interrupted ? "interrupted after" : "finished")} {finished:N0} runs, ")
            + Invariant($"{result.Seconds:F1} s")
            + (result.Test is null ? "; the test split was not looked at" : ""));
        if (folder is not null)
        {
            _report.WriteLine($"saved: {folder.FullPath}");
        }

        if (_request.Json)
        {
            _output.WriteLine(JsonSerializer.Serialize(result, SweepJson.Relaxed.SweepResult));
        }
    }

    private static string Text(SweepRun run)
    {
        string outcome = run switch
        {
            { Diverged: true } => "diverged",
            { Validation: { } validation } => Invariant($"{validation.Misses} validation misses"),
            _ => Invariant($"{run.Test!.Misses} test misses"),
        };
        return Invariant($"{SweepPoint.Text(run.Settings)} seed={run.Seed}: {outcome}, {run.Seconds:F2} s");
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
