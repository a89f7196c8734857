using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;
using ScalingRuns = GpuConvnet.Trainer.Studies.StudyRuns<
    (double Width, int Digits, uint Seed), GpuConvnet.Trainer.Studies.Scaling.ScalingRun>;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>From a grid to power laws: digits, runs side by side, what is printed and what is saved.</summary>
internal sealed class ScalingJob
{
    private readonly ScalingRequest _request;
    private readonly TextWriter _output;
    private readonly TrainingReport _report;
    private readonly Dictionary<int, LoadedData> _data = [];

    /// <summary>Prepares a job.</summary>
    /// <param name="request">What to measure.</param>
    /// <param name="output">The standard output.</param>
    /// <param name="error">The standard error, which takes everything but the result when that is JSON.</param>
    public ScalingJob(ScalingRequest request, TextWriter output, TextWriter error)
    {
        _request = request;
        _output = output;
        _report = TrainingReport.On(request.Json ? error : output);
    }

    /// <summary>Does it all.</summary>
    /// <param name="interruption">Ends the grid at once; finished runs are kept.</param>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">Something cannot be used; found before anything is trained.</exception>
    /// <exception cref="RunFailedException">A run failed for another reason than divergence, or all diverged.</exception>
    /// <exception cref="OperationCanceledException">Interrupted before training began.</exception>
    public int Execute(CancellationToken interruption)
    {
        long started = Stopwatch.GetTimestamp();
        ScalingGrid grid = _request.Grid.Grid;
        _report.WriteLine(ReportLines.Experiment(_request.Grid.Base));
        _report.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"grid: widths {Text(grid.Widths, "G")} x {Text(grid.Train, "N0")} digits x {Counted(grid.Seeds.Count, "seed")}"));
        ScalingExperiment[] points = [.. Points(grid, interruption)];
        interruption.ThrowIfCancellationRequested();
        foreach (LoadedData data in _data.Values)
        {
            _report.WriteLine(ReportLines.Data(data));
        }

        using EngineChoice choice = EngineChoice.For(
            _request.Accelerator, _request.Device, _request.IsEveryDevice, _request.Grid.Base);
        _report.WriteLine(ReportLines.Engine(choice, points.Select(point => point.Configuration)));
        foreach (string line in
            _request.Workers?.Open(choice, points[0].Configuration, _request.Jobs, _request.Data, folder: null) ?? [])
        {
            _report.WriteLine(line);
        }

        LoadedData any = _data.Values.First();
        ScalingDefinition definition = ScalingDefinition.Of(_request.Grid.Base, any.Identity, choice.Accelerator);
        using ScalingFolder folder = ScalingFolder.Open(_request.Out, definition);
        if (folder.Note is { } held)
        {
            _report.WriteLine(held);
        }

        ScalingRuns runs = new(folder.Read(grid, _report.WriteLine), run => (run.Width, run.Digits, run.Seed), folder.Save);
        if (runs.Count > 0)
        {
            _report.WriteLine(Invariant($"going on: {Counted(runs.Count, "run")} of this grid finished already"));
        }

        using CancellationTokenRegistration note = interruption.Register(
            () => _report.WriteLine("Interrupted: runs under way are dropped, finished ones are kept."));
        bool isComplete = Train(points, choice, runs, interruption);
        ScalingPoint[] measured = [.. Measured(points, runs)];
        ScalingResult result = new()
        {
            Experiment = _request.Grid.Base.Experiment,
            Grid = grid,
            Definition = definition,
            Device = choice.Device,
            TestedOn = any.IsValidation ? RunResult.Validation : null,
            TestDigits = any.Test.Count,
            Runs = runs.Count,
            Interrupted = !isComplete,
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
            Points = measured,
            Fits = ScalingFit.All(measured),
        };
        if (folder.Save(result) is { } why)
        {
            _report.WriteLine($"note: there are no pictures. {why}");
        }

        Print(result, folder);
        return !isComplete
            ? ExitCode.Interrupted
            : measured.All(point => point.ErrorPercent is null)
                ? throw new RunFailedException("Every run diverged. Try a smaller learning rate.")
                : ExitCode.Done;
    }

    /// <summary>The experiments, by width and then digits; "auto" has become the data set that was found.</summary>
    private IEnumerable<ScalingExperiment> Points(ScalingGrid grid, CancellationToken interruption)
    {
        foreach (double width in grid.Widths)
        {
            foreach (int train in grid.Train)
            {
                ExperimentConfiguration configuration = _request.Grid.Configuration(width, train);
                configuration = configuration with { Dataset = _request.Dataset ?? configuration.Dataset };
                if (!_data.TryGetValue(train, out LoadedData? data))
                {
                    data = DataSets.Load(configuration.Data, _request.Data, _report.WriteLine, interruption);
                    _data[train] = data;
                }

                // Only the last evaluation counts here, and the others would take longer than some trainings.
                yield return new ScalingExperiment(
                    width, configuration.On(data) with { EvaluateEvery = int.MaxValue });
            }
        }
    }

    /// <summary>Trains every point with every seed, but for what is finished already.</summary>
    /// <returns>Whether all are finished now.</returns>
    private bool Train(ScalingExperiment[] points, EngineChoice choice, ScalingRuns runs, CancellationToken interruption)
    {
        (ScalingExperiment Point, uint Seed)[] left =
        [
            .. from point in points
               from seed in _request.Grid.Grid.Seeds
               where !runs.Has((point.Width, point.Digits, seed))
               select (point, seed),
        ];
        return StudyTraining.TryTrain(
            _report,
            [.. left.Select(run => new PlannedRun(run.Point.Configuration with { Seed = run.Seed }, _data[run.Point.Digits], choice))],
            _request.Jobs,
            _request.Workers,
            (index, result, seconds) =>
            {
                ScalingRun run = new()
                {
                    Width = left[index].Point.Width,
                    Digits = left[index].Point.Digits,
                    Seed = left[index].Seed,
                    LearningRate = RateOf(left[index].Point),
                    Diverged = result is null,
                    Seconds = seconds,
                    Train = result?.Train,
                    Test = result?.Test,
                    ParametersSha256 = result?.ParametersSha256,
                };
                runs.Add(run);
                return Text(run);
            },
            interruption);
    }

    /// <summary>The rate that the grid says for a width; null where all have the base's.</summary>
    private double? RateOf(ScalingExperiment point) =>
        _request.Grid.Grid.LearningRates is null ? null : point.Configuration.Optimizer.LearningRate;

    private static IEnumerable<ScalingPoint> Measured(ScalingExperiment[] points, ScalingRuns runs)
    {
        ILookup<(double, int), ScalingRun> seeds = runs.All.OrderBy(run => run.Seed).ToLookup(run => (run.Width, run.Digits));
        foreach (ScalingExperiment point in points)
        {
            ScalingRun[] own = [.. seeds[(point.Width, point.Digits)]];
            if (own.Length > 0)
            {
                ExperimentConfiguration configuration = point.Configuration;
                yield return ScalingPoint.Of(
                    own, configuration.ParameterCount, configuration.Layers.Operations, point.Presentations);
            }
        }
    }

    private void Print(ScalingResult result, ScalingFolder folder)
    {
        foreach (string line in result.Points.Count > 0 ? ScalingTable.Lines(result) : [])
        {
            _report.WriteLine(line);
        }

        string end = result.Interrupted ? "interrupted after" : "finished";
        _report.WriteLine(Invariant($"{end} {Counted(result.Runs, "run")}, {result.Seconds:F1} s"));
        _report.WriteLine($"saved: {folder.FullPath}");
        if (_request.Json)
        {
            _output.WriteLine(JsonSerializer.Serialize(result, ScalingJson.Relaxed.ScalingResult));
        }
    }

    private static string Text(ScalingRun run) => Invariant($"width {run.Width}, {run.Digits:N0} digits, seed {run.Seed}: ")
        + (run.Test is { } test ? Invariant($"{test.Misses} misses, {test.ErrorPercent:F2}%") : "diverged")
        + Invariant($", {run.Seconds:F2} s");

    private static string Text<T>(IEnumerable<T> values, string format)
        where T : IFormattable =>
        string.Join(", ", values.Select(value => value.ToString(format, CultureInfo.InvariantCulture)));

    private static string Counted(int count, string what) => Invariant($"{count:N0} {what}{(count == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
