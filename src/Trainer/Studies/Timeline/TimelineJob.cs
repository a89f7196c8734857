using System.Diagnostics;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>From rows to the timeline: what is finished already, what is left to train, teachers first, and what is saved.</summary>
internal sealed class TimelineJob
{
    private readonly TimelineRequest _request;
    private readonly TextWriter _output;
    private readonly TrainingReport _report;
    private readonly Dictionary<DataRequest, LoadedData> _data = [];

    /// <summary>Prepares a job.</summary>
    /// <param name="request">What to train.</param>
    /// <param name="output">The standard output.</param>
    /// <param name="error">The standard error, which takes everything but the table when that is JSON.</param>
    public TimelineJob(TimelineRequest request, TextWriter output, TextWriter error)
    {
        _request = request;
        _output = output;
        _report = TrainingReport.On(request.Json ? error : output);
    }

    /// <summary>Does it all.</summary>
    /// <param name="command">The command, for the record.</param>
    /// <param name="interruption">Ends it at once; finished runs are kept.</param>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">Something cannot be used; found before anything is trained.</exception>
    /// <exception cref="RunFailedException">A training went wrong; finished runs are kept.</exception>
    public int Execute(string command, CancellationToken interruption)
    {
        long started = Stopwatch.GetTimestamp();
        TimelineRow[] trained = [.. _request.Rows.Where(row => !row.IsEnsemble)];
        TimelineTeacher[] teachers = [.. trained.Select(row => row.Teacher).OfType<TimelineTeacher>().Distinct()];
        Dictionary<TimelineRow, ExperimentConfiguration> experiments = trained.ToDictionary(row => row, row => Load(row.Experiment));
        using ExperimentsFolder folder = ExperimentsFolder.Open(
            _request.Out, "timeline", "timeline.md", TimelinePlot.Name,
            experiments.Values.Concat(teachers.Select(teacher => Load(teacher.Experiment))).Select(experiment => experiment.Experiment));
        if (folder.Note is { } held)
        {
            _report.WriteLine(held);
        }

        if (_request.Note is { } left)
        {
            _report.WriteLine(left);
        }

        using CancellationTokenRegistration note = interruption.Register(
            () => _report.WriteLine("Interrupted: runs under way are dropped, finished ones are kept."));
        Dictionary<TimelineTeacher, Seed[]> taught;
        bool isComplete = true;
        using (Choices choices = new(_request))
        {
            PlannedRun[] first =
            [
                .. from teacher in teachers
                   let run = Plan(Load(teacher.Experiment), choices, interruption)
                   from seed in SeedsFrom(run.Configuration.Seed, teacher.Seeds)
                   select run.OfSeed(seed),
            ];
            Seed[] trainedFirst = Train(first, folder, interruption, ref isComplete);
            taught = teachers.ToDictionary(teacher => teacher, teacher => SeedsOf(Load(teacher.Experiment), trainedFirst));
            PlannedRun[] planned =
            [
                .. from row in trained
                   where row.Teacher is null || taught[row.Teacher].Length == row.Teacher.Seeds
                   let experiment = experiments[row] with { Teacher = row.Teacher is null ? null : PathOf(row.Teacher, folder) }
                   let run = Plan(experiment, choices, interruption)
                   from seed in SeedsFrom(_request.Seed, _request.Runs)
                   select run.OfSeed(seed),
            ];
            Seed[] seeds = Train(planned, folder, interruption, ref isComplete);
            TimelineResult result = new()
            {
                Command = command,
                Interrupted = !isComplete,
                Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
                Rows = [.. _request.Rows.Select(row => Point(row, seeds, taught)).OfType<TimelinePoint>()],
            };
            Print(result, folder);
        }

        return isComplete ? ExitCode.Done : ExitCode.Interrupted;
    }

    private static ExperimentConfiguration Load(string experiment) => ConfigurationFile.Load(experiment);

    private static IEnumerable<uint> SeedsFrom(uint first, int count) => Enumerable.Range(0, count).Select(index => first + (uint)index);

    private static Seed[] SeedsOf(ExperimentConfiguration experiment, Seed[] seeds) =>
        [.. seeds.Where(seed => seed.Planned.Configuration.Experiment == experiment.Experiment)];

    /// <summary>What the taught name: a run's folder, or that of all seeds.</summary>
    private static string PathOf(TimelineTeacher teacher, ExperimentsFolder folder)
    {
        string seed = folder.PathOf(Load(teacher.Experiment));
        return teacher.Seeds == 1 ? seed : Path.GetDirectoryName(seed)!;
    }

    private void Print(TimelineResult result, ExperimentsFolder folder)
    {
        if (folder.Save(
            result,
            TimelineJson.Relaxed.TimelineResult,
            TimelineTable.Markdown(result),
            () => TimelinePlot.Draw(result)) is { } why)
        {
            _report.WriteLine($"note: there is no picture. {why}");
        }

        foreach (string line in TimelineTable.Lines(result))
        {
            _report.WriteLine(line);
        }

        _report.WriteLine(FormattableString.Invariant($"{(result.Interrupted ? "interrupted" : "finished")} after {result.Seconds:F1} s; ")
            + $"table, picture and runs: {folder.FullPath}");
        if (_request.Json)
        {
            _output.WriteLine(JsonSerializer.Serialize(result, TimelineJson.Relaxed.TimelineResult));
        }
    }

    /// <summary>The run of a configuration on the digits that are found for it.</summary>
    private PlannedRun Plan(ExperimentConfiguration configuration, Choices choices, CancellationToken interruption)
    {
        configuration = configuration with { Dataset = _request.Dataset ?? configuration.Dataset };
        if (!_data.TryGetValue(configuration.Data, out LoadedData? data))
        {
            data = DataSets.Load(configuration.Data, _request.Data, _report.WriteLine, interruption);
            _report.WriteLine(ReportLines.Data(data));
            _data.Add(configuration.Data, data);
        }

        ExperimentConfiguration resolved = configuration.On(data);
        _data.TryAdd(resolved.Data, data);
        EngineChoice choice = choices.Of(resolved);

        // A teacher that is not there, or that it cannot learn from, is missed before any run of the row is trained.
        _ = choice.TeacherOf(resolved);
        return new PlannedRun(resolved, data, choice);
    }

    /// <summary>A run that is finished, by the teacher that is there now where it has one; else null.</summary>
    private FinishedRun? Find(PlannedRun run, ExperimentsFolder folder)
    {
        FinishedRun? found = folder.Of(run.Configuration).Find(run.Configuration, _report.WriteLine);
        string? teacher = run.Choice.TeacherOf(run.Configuration)?.ParametersSha256;
        if (found is null || found.Result.TeacherSha256 == teacher)
        {
            return found;
        }

        _report.WriteLine($"{folder.PathOf(run.Configuration)} learned from another teacher than the one that is there now: it is trained again.");
        return null;
    }

    /// <summary>Trains what is not finished, the longest first: runs of a core each side by side, those on a device one by one.</summary>
    /// <param name="planned">The runs.</param>
    /// <param name="folder">Where they are kept.</param>
    /// <param name="interruption">Drops the runs under way.</param>
    /// <param name="isComplete">Becomes false if not all are finished then.</param>
    /// <returns>Those that are.</returns>
    private Seed[] Train(PlannedRun[] planned, ExperimentsFolder folder, CancellationToken interruption, ref bool isComplete)
    {
        Seed[] seeds = [.. planned.Select(run => new Seed(run, Find(run, folder)))];
        int[] left = [.. Enumerable.Range(0, seeds.Length)
            .Where(index => seeds[index].Finished is null)
            .OrderByDescending(index => planned[index].Choice.RunsInParallel)
            .ThenByDescending(index => planned[index].WorkOf(planned[index].Presentations))];
        if (left.Length > 0)
        {
            _report.WriteLine(FormattableString.Invariant($"{left.Length:N0} of {seeds.Length:N0} runs are to be trained"));
            PlannedRun[] runs = [.. left.Select(index => planned[index])];
            isComplete &= StudyTraining.TryTrainAll(
                _report,
                runs,
                workers: null,
                (index, outcome) =>
                {
                    ExperimentConfiguration configuration = runs[index].Configuration;
                    folder.Of(configuration).Save(configuration, outcome.Result, outcome.Parameters);
                    seeds[left[index]] = new Seed(runs[index], new FinishedRun(outcome.Result, outcome.Parameters));
                    return FormattableString.Invariant($"{outcome.Result.Test.Misses} test misses");
                },
                interruption);
        }

        return [.. seeds.Where(seed => seed.Finished is not null)];
    }

    private static TimelinePoint? Point(TimelineRow row, Seed[] seeds, Dictionary<TimelineTeacher, Seed[]> taught)
    {
        string name = Load(row.Experiment).Experiment;
        Seed[] own = SeedsOf(Load(row.Experiment), seeds);
        if (own.Length < (row.IsEnsemble ? 2 : 1))
        {
            return null;
        }

        (ExperimentConfiguration configuration, LoadedData data, _) = own[0].Planned;
        RunResult[] results = [.. own.Select(seed => seed.Finished!.Result)];
        double[] seconds = [.. results.Select(result => result.Seconds.Train).Order()];
        Seed[]? teachers = row.Teacher is null ? null : taught[row.Teacher];
        TimelinePoint point = new()
        {
            Year = row.Year,
            Experiment = name,
            Change = row.Change,
            Accelerator = results[0].Accelerator,
            Dataset = results[0].Dataset,
            TrainDigits = results[0].Train.Examples,
            TestDigits = results[0].Test.Examples,
            Seeds = [.. results.Select(result => result.Seed)],
            TestMisses = Statistic.Of([.. results.Select(result => (double)result.Test.Misses)]),
            TrainMisses = Statistic.Of([.. results.Select(result => (double)result.Train.Misses)]),
            TrainSeconds = (seconds[seconds.Length / 2] + seconds[(seconds.Length - 1) / 2]) / 2,
            TeacherSeconds = teachers?.Sum(teacher => teacher.Finished!.Result.Seconds.Train),
            TeacherTestMisses = teachers switch
            {
                null => null,
                [var teacher] => teacher.Finished!.Result.Test.Misses,
                _ => TestedTogether(teachers, data),
            },
            Parameters = configuration.ParameterCount,
            MultiplyAccumulates = configuration.Layers.Operations,
        };
        return row.IsEnsemble ? Together(point, own, data) : point;
    }

    /// <summary>What the networks of a row do as one model.</summary>
    private static TimelinePoint Together(TimelinePoint alone, Seed[] seeds, LoadedData data)
    {
        using EnsembleClassifier ensemble = Joined(seeds);
        Evaluation train = ensemble.Evaluate(data.Train);
        Evaluation test = ensemble.Evaluate(data.Test);
        return alone with
        {
            Experiment = FormattableString.Invariant($"{seeds.Length} x {alone.Experiment}"),
            TestMisses = Statistic.Of([test.Misses]),
            TrainMisses = Statistic.Of([train.Misses]),
            TrainSeconds = seeds.Sum(seed => seed.Finished!.Result.Seconds.Train),
            Parameters = alone.Parameters * seeds.Length,
            MultiplyAccumulates = alone.MultiplyAccumulates * seeds.Length,
        };
    }

    private static int TestedTogether(Seed[] seeds, LoadedData data)
    {
        using EnsembleClassifier ensemble = Joined(seeds);
        return ensemble.Evaluate(data.Test).Misses;
    }

    private static EnsembleClassifier Joined(Seed[] seeds)
    {
        OutputAveraging averaging = new([.. seeds.Select(seed => seed.Planned.Configuration.Loss)], OutputAverage.Probabilities);
        return new EnsembleClassifier(
            [.. seeds.Select(seed => seed.Planned.Configuration.CreateClassifier(seed.Finished!.Parameters))], averaging);
    }

    /// <summary>A run, and what it gave if it is finished.</summary>
    private sealed record Seed(PlannedRun Planned, FinishedRun? Finished);

    /// <summary>What trains, each opened once: a core what goes example by example, what was asked for the rest.</summary>
    private sealed class Choices(TimelineRequest request) : IDisposable
    {
        private readonly Dictionary<bool, EngineChoice> _choices = [];

        public EngineChoice Of(ExperimentConfiguration configuration)
        {
            bool isPerExample = EngineChoice.TrainsPerExample(configuration);
            if (!_choices.TryGetValue(isPerExample, out EngineChoice? choice))
            {
                choice = isPerExample
                    ? EngineChoice.For(AcceleratorKind.Host, null, configuration)
                    : EngineChoice.For(request.Accelerator, request.Device, request.IsEveryDevice, configuration);
                _choices.Add(isPerExample, choice);
            }

            return choice;
        }

        public void Dispose()
        {
            foreach (EngineChoice choice in _choices.Values)
            {
                choice.Dispose();
            }
        }
    }
}
