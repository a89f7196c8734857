using System.Diagnostics;
using System.Text.Json;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>From a request to the table: what is finished already, what is left to train, what is printed and saved.</summary>
internal sealed class ReproductionJob
{
    /// <summary>The most full-batch steps of <c>--quick</c>.</summary>
    public const int QuickSteps = 500;

    private readonly ReproductionRequest _request;
    private readonly TextWriter _output;
    private readonly TrainingReport _report;
    private readonly Dictionary<DataRequest, LoadedData> _data = [];

    /// <summary>Prepares a job.</summary>
    /// <param name="request">What to reproduce.</param>
    /// <param name="output">The standard output.</param>
    /// <param name="error">The standard error, which takes everything but the table when that is JSON.</param>
    public ReproductionJob(ReproductionRequest request, TextWriter output, TextWriter error)
    {
        _request = request;
        _output = output;
        _report = TrainingReport.On(request.Json ? error : output);
    }

    /// <summary>Does it all.</summary>
    /// <param name="command">The command, for the record.</param>
    /// <param name="interruption">Ends it at once; finished runs are kept.</param>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">Something cannot be used.</exception>
    /// <exception cref="RunFailedException">A training went wrong; finished runs are kept.</exception>
    public int Execute(string command, CancellationToken interruption)
    {
        long started = Stopwatch.GetTimestamp();
        using ExperimentsFolder folder = ExperimentsFolder.Open(
            _request.Out, "reproduction", "table.md", ReproductionPlot.Name,
            ArticleRow.Table.SelectMany(row => new[] { row.Name, row.FullBatch }));
        if (folder.Note is { } held)
        {
            _report.WriteLine(held);
        }

        using Choices choices = new(_request);
        Training[] trainings = [.. _request.Rows.SelectMany(row => Trainings(row, choices, interruption))];
        _report.WriteLine(ReportLines.Data(_data.Values.First()));
        foreach (EngineChoice choice in trainings.Select(training => training.Planned.Choice).Distinct())
        {
            _report.WriteLine(ReportLines.Engine(choice));
            ExperimentConfiguration any = trainings.First(training => training.Planned.Choice == choice).Planned.Configuration;
            foreach (string line in _request.Workers?.Open(choice, any, jobs: null, _request.Data, folder: null) ?? [])
            {
                _report.WriteLine(line);
            }
        }

        (Training Training, RunResult? Result)[] runs =
        [
            .. from training in trainings
               from index in Enumerable.Range(0, _request.Runs)
               let seeded = training.OfSeed(_request.Seed + (uint)index)
               select (seeded, folder.Of(seeded.Planned.Configuration).Find(seeded.Planned.Configuration, _report.WriteLine)?.Result),
        ];
        int earlier = runs.Count(run => run.Result is not null);
        _report.WriteLine(Invariant($"{runs.Length:N0} runs")
            + (earlier > 0 ? Invariant($", of which {earlier:N0} are finished already") : ""));
        if (_request.Note is { } left)
        {
            _report.WriteLine(left);
        }

        PyTorchPace pace = PyTorchPace.Find(_request.Python, interruption);
        _report.WriteLine($"PyTorch: {pace.Source}");

        using CancellationTokenRegistration note = interruption.Register(
            () => _report.WriteLine("Interrupted: runs under way are dropped, finished ones are kept."));
        bool isComplete = Train(runs, folder, interruption);
        ReproductionResult result = new()
        {
            Command = command,
            PyTorch = pace,
            Interrupted = !isComplete,
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            Rows = [.. _request.Rows.Select(row => Row(row, runs, pace)).OfType<ReproducedRow>()],
        };
        if (folder.Save(
            result,
            ReproductionJson.Relaxed.ReproductionResult,
            ReproductionTable.Markdown(result),
            () => ReproductionPlot.Draw(result)) is { } why)
        {
            _report.WriteLine($"note: there is no picture. {why}");
        }

        foreach (string line in ReproductionTable.Lines(result))
        {
            _report.WriteLine(line);
        }

        _report.WriteLine(Invariant($"{(isComplete ? "finished" : "interrupted")} after {result.Seconds:F1} s; ")
            + $"table, picture and runs: {folder.FullPath}");
        if (_request.Json)
        {
            _output.WriteLine(JsonSerializer.Serialize(result, ReproductionJson.Relaxed.ReproductionResult));
        }

        return isComplete ? ExitCode.Done : ExitCode.Interrupted;
    }

    private IEnumerable<Training> Trainings(ArticleRow row, Choices choices, CancellationToken interruption)
    {
        if (_request.Engines != ReproductionEngines.FullBatch)
        {
            ExperimentConfiguration configuration = ConfigurationFile.Load(row.Name);
            yield return new Training(row, IsFullBatch: false, Plan(configuration, choices.PerExample(configuration), interruption));
        }

        if (_request.Engines != ReproductionEngines.PerExample)
        {
            ExperimentConfiguration configuration = ConfigurationFile.Load(row.FullBatch);
            bool isCut = _request.Quick && configuration.TotalSteps > QuickSteps;
            PlannedRun planned = Plan(
                isCut ? configuration with { Passes = null, Steps = QuickSteps } : configuration,
                choices.FullBatch(configuration),
                interruption);
            yield return new Training(row, IsFullBatch: true, planned)
            {
                StepsOfConfiguration = isCut ? configuration.TotalSteps : null,
            };
        }
    }

    /// <summary>The run of a configuration on the digits that are found for it.</summary>
    private PlannedRun Plan(ExperimentConfiguration configuration, EngineChoice choice, CancellationToken interruption)
    {
        configuration = configuration with { Dataset = _request.Dataset ?? configuration.Dataset };
        if (!_data.TryGetValue(configuration.Data, out LoadedData? data))
        {
            data = DataSets.Load(configuration.Data, _request.Data, _report.WriteLine, interruption);
            _data.Add(configuration.Data, data);
        }

        ExperimentConfiguration resolved = configuration.On(data);
        _data.TryAdd(resolved.Data, data);
        return new PlannedRun(resolved, data, choice);
    }

    /// <summary>
    /// Trains what is not finished: runs on the CPU side by side, then those on a device after each other; the longest first.
    /// </summary>
    /// <returns>Whether all are finished now.</returns>
    private bool Train(
        (Training Training, RunResult? Result)[] runs, ExperimentsFolder folder, CancellationToken interruption)
    {
        int[] left = [.. Enumerable.Range(0, runs.Length)
            .Where(index => runs[index].Result is null)
            .OrderByDescending(index => runs[index].Training.Planned.Choice.RunsInParallel)
            .ThenByDescending(index => runs[index].Training.Planned.Presentations)];
        PlannedRun[] planned = [.. left.Select(index => runs[index].Training.Planned)];
        return StudyTraining.TryTrainAll(
            _report,
            planned,
            _request.Workers,
            (index, outcome) =>
            {
                ExperimentConfiguration configuration = planned[index].Configuration;
                folder.Of(configuration).Save(configuration, outcome.Result, outcome.Parameters);
                runs[left[index]].Result = outcome.Result;
                return Invariant($"{outcome.Result.Train.Misses} train, {outcome.Result.Test.Misses} test misses");
            },
            interruption);
    }

    private static ReproducedRow? Row(
        ArticleRow row, (Training Training, RunResult? Result)[] runs, PyTorchPace pace)
    {
        ExperimentConfiguration article = ConfigurationFile.Load(row.Name);
        double? pyTorchSeconds = row.Paper is not null ? null :
            article.TotalSteps * (double)article.Batch.Of(article.Train) * (row.IsModern ? pace.ModernSeconds : pace.PlainSeconds);
        ReproductionCell? perExample = Cell(isFullBatch: false);
        ReproductionCell? fullBatch = Cell(isFullBatch: true);
        return perExample is null && fullBatch is null
            ? null
            : new ReproducedRow
            {
                Name = row.Name,
                Paper = row.Paper,
                ArticleTrainMisses = row.TrainMisses,
                ArticleTestMisses = row.TestMisses,
                PyTorchSeconds = pyTorchSeconds,
                PerExample = perExample,
                FullBatch = fullBatch,
            };

        ReproductionCell? Cell(bool isFullBatch)
        {
            (Training Training, RunResult? Result)[] finished =
            [
                .. runs.Where(run =>
                    run.Training.Row == row && run.Training.IsFullBatch == isFullBatch && run.Result is not null),
            ];
            if (finished.Length == 0)
            {
                return null;
            }

            RunResult first = finished[0].Result!;
            double[] seconds = [.. finished.Select(run => run.Result!.Seconds.Train).Order()];
            double median = (seconds[seconds.Length / 2] + seconds[(seconds.Length - 1) / 2]) / 2;
            Statistic misses = Statistic.Of([.. finished.Select(run => (double)run.Result!.Test.Misses)]);
            double? scale = row.Paper is null ? null : PaperErrors.ScaleOf(finished[0].Training.Planned.Configuration);
            return new ReproductionCell
            {
                Experiment = first.Experiment,
                Accelerator = first.Accelerator,
                Device = first.Device,
                Dataset = first.Dataset,
                Batch = first.Batch,
                TrainDigits = first.Train.Examples,
                Steps = first.Steps,
                StepsOfConfiguration = finished[0].Training.StepsOfConfiguration,
                Presentations = finished[0].Training.Planned.Presentations,
                Seeds = [.. finished.Select(run => run.Result!.Seed)],
                TestMisses = misses,
                TrainMisses = Statistic.Of([.. finished.Select(run => (double)run.Result!.Train.Misses)]),
                TrainMse = scale is null ? null : Statistic.Of([.. finished.Select(run => scale.Value * run.Result!.Train.Loss)]),
                TestMse = scale is null ? null : Statistic.Of([.. finished.Select(run => scale.Value * run.Result!.Test.Loss)]),
                Seconds = median,
                SpeedUp = pace.IsMeasured && finished.All(run => run.Result!.Device == run.Training.Planned.Choice.Device)
                    ? pyTorchSeconds / median
                    : null,
                IsFarFromArticle = finished.Length == 1 ? null : Math.Abs(row.TestMisses - misses.Mean) > 2 * misses.Sd,
            };
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>One configuration of the table, or one seed of it.</summary>
    private sealed record Training(ArticleRow Row, bool IsFullBatch, PlannedRun Planned)
    {
        public long? StepsOfConfiguration { get; init; }

        public Training OfSeed(uint seed) => this with { Planned = Planned.OfSeed(seed) };
    }

    /// <summary>What trains: per example the vector path, full batch what was asked for; each opened once.</summary>
    private sealed class Choices(ReproductionRequest request) : IDisposable
    {
        private EngineChoice? _perExample;
        private EngineChoice? _fullBatch;

        public EngineChoice PerExample(ExperimentConfiguration configuration) =>
            _perExample ??= EngineChoice.For(AcceleratorKind.Host, null, configuration);

        public EngineChoice FullBatch(ExperimentConfiguration configuration) =>
            _fullBatch ??= EngineChoice.For(request.Accelerator, request.Device, request.IsEveryDevice, configuration);

        public void Dispose()
        {
            _perExample?.Dispose();
            _fullBatch?.Dispose();
        }
    }
}
