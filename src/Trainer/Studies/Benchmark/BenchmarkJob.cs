using System.Diagnostics;
using System.Text.Json;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Choosing;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>From a request to the measurements: one after the other, each kept as soon as it is made.</summary>
internal sealed class BenchmarkJob
{
    // A set that is no longer than a batch would lie in the caches of a small batch's step.
    private const int LeastExamples = 7291;

    // Steps of a run that is only timed: more than are ever taken, so that the schedule does not come to its end.
    private const int EndlessSteps = 1_000_000;

    // Before the step, the evaluation, the parts, the peak, the general and the per-example trainer, and beside the curve.
    private const int MeasurementsBesideCurve = 7;

    private readonly BenchmarkRequest _request;
    private readonly TextWriter _output;
    private readonly TrainingReport _report;
    private ChoiceFolder? _choices;
    private int _done;

    /// <summary>Prepares a job.</summary>
    /// <param name="request">What to measure.</param>
    /// <param name="output">The standard output.</param>
    /// <param name="error">The standard error, which takes everything but the result when that is JSON.</param>
    public BenchmarkJob(BenchmarkRequest request, TextWriter output, TextWriter error)
    {
        _request = request;
        _output = output;
        _report = TrainingReport.On(request.Json ? error : output);
    }

    /// <summary>Does it all.</summary>
    /// <param name="command">The command, for the record.</param>
    /// <param name="interruption">Ends it after the repeat under way; what is measured is kept.</param>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="BadInputException">Something cannot be used.</exception>
    /// <exception cref="RunFailedException">The device failed.</exception>
    public int Execute(string command, CancellationToken interruption)
    {
        DateTime now = DateTime.UtcNow;
        double runtimeSeconds = (now - Process.GetCurrentProcess().StartTime.ToUniversalTime()).TotalSeconds;
        long begun = Stopwatch.GetTimestamp();
        using BenchmarkFolder? folder = _request.Out is { } path ? BenchmarkFolder.Claim(path) : null;
        AccuracyTraining? accuracy = _request.ToAccuracy
            ? AccuracyTraining.Prepare(_request, _report.WriteLine, interruption)
            : null;
        BenchmarkResult? result = null;
        try
        {
            _report.During(() => Measure(
                command, now, runtimeSeconds, accuracy, measured => result = measured, interruption));
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested && result is not null)
        {
            result.Interrupted = true;
        }
        catch (DeviceException failure)
        {
            throw new RunFailedException(failure.Message, failure);
        }

        result!.Seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        if (folder?.Save(result) is { } why)
        {
            _report.WriteLine($"note: there is no picture. {why}");
        }

        foreach (string line in BenchmarkTable.Lines(result))
        {
            _report.WriteLine(line);
        }

        if (folder is not null)
        {
            _report.WriteLine($"saved: {folder.FullPath}");
        }

        if (_request.Json)
        {
            _output.WriteLine(JsonSerializer.Serialize(result, BenchmarkJson.Relaxed.BenchmarkResult));
        }

        return result.Interrupted ? ExitCode.Interrupted : ExitCode.Done;
    }

    private void Measure(
        string command,
        DateTime date,
        double runtimeSeconds,
        AccuracyTraining? accuracy,
        Action<BenchmarkResult> begin,
        CancellationToken interruption)
    {
        Repeater repeater = new(_request.Repeats, _request.IsQuick, interruption);
        long started = Stopwatch.GetTimestamp();
        (ExperimentConfiguration configuration, LoadedData data) = Digits(_request.Configuration.Batch);
        double dataSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        started = Stopwatch.GetTimestamp();
        using DeviceChoice? device = DeviceChoice.For(_request.Accelerator, _request.Device);
        if (device is null)
        {
            EngineChoice.RequireNoKernels(_request.Kernels);
        }
        else
        {
            EngineChoice.RequireKernels(_request.Kernels, device, configuration);
            _choices = new ChoiceFolder(device.Discovery.KernelCache?.FullPath);
        }

        BenchmarkResult result = new()
        {
            Command = command,
            Date = date,
            Experiment = configuration.Experiment,
            Accelerator = device is null
                ? ConfigurationNames.Accelerator[AcceleratorKind.Host]
                : DeviceChoice.NameOf(device.Description.Kind),
            Device = device?.Description.Name ?? HostProcessor.Name,
            Driver = device?.Description.Driver,
            Batch = configuration.Batch.Of(configuration.Train),
            Network = NetworkSize.Of(configuration),
            Environment = BenchmarkEnvironment.Here(),
        };
        begin(result);
        Say(result, "the first step");
        ChosenKernels kernels = KernelsFor(device, configuration, data);
        if (kernels.Choice is { } choice)
        {
            result.Candidates = [.. choice.Times.Select(time => new CandidateMeasurement(time.Kernels, time.Seconds))];
            result.Notes.Add($"--kernels auto: {ReportLines.Timed(choice, kernels.IsNew)}");
        }

        CounterReadings? counters;
        using (TimedTrainer trainer = TimedTrainer.Create(device, kernels.Kernels, configuration, data))
        {
            double compileSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            result.Kernels = trainer.Kernels;
            started = Stopwatch.GetTimestamp();
            trainer.Begin();
            trainer.Train(1);
            double firstStepSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            result.StartUp = new StartUp(runtimeSeconds, dataSeconds, compileSeconds, firstStepSeconds);
            Say(result, "a step");
            result.Step = trainer.MeasureStep(repeater);
            Say(result, "an evaluation");
            result.Evaluation = trainer.MeasureEvaluation(repeater);
            counters = device is null ? trainer.CountSteps(result.Step.Seconds.Median) : null;
        }

        Say(result, "the parts of a step");
        MeasureParts(result, configuration, data, device, repeater);
        Say(result, "what the device can do");
        result.Peak = (device is null ? null : device.Discovery.PeakOf(device.Description)) ?? ProcessorPeak.Measure();
        if (counters is not null)
        {
            int cores = EngineChoice.TrainsPerExample(configuration) ? 1 : Environment.ProcessorCount;
            DevicePeak peak = cores == 1 ? ProcessorPeak.Measure(cores) : result.Peak;
            result.Anatomy = Anatomy(cores, peak, result.Step, result.Parts, counters);
        }

        interruption.ThrowIfCancellationRequested();
        if (configuration.Is1989)
        {
            Say(result, "the same step by the other trainer");
            MeasureOther(result, configuration, data, device, repeater);
            Say(result, "one example at a time");
            MeasurePerExample(result, data, repeater);
        }

        MeasureCurve(result, device, repeater);
        if (accuracy is not null)
        {
            Say(result, "training to the article's accuracy");
            result.ToAccuracy = accuracy.Execute(result.Notes, interruption);
        }

        if (result.Kernels == KernelChoice.Tensor)
        {
            result.Notes.Add("the peak is that of float32 outside tensor cores: shares of it are no shares of what these can do");
        }

        if (kernels.Problem is { } problem)
        {
            result.Notes.Add(problem);
        }

        if (device?.Note is { } note)
        {
            result.Notes.Add(note);
        }
    }

    private void Say(BenchmarkResult result, string what)
    {
        double all = MeasurementsBesideCurve + _request.CurveBatches.Count;
        _report.Show(Math.Min(1, _done++ / all), () => $"{result.Accelerator}: {what}");
    }

    private void MeasureParts(
        BenchmarkResult result,
        ExperimentConfiguration configuration,
        LoadedData data,
        DeviceChoice? device,
        Repeater repeater)
    {
        // Only OpenCL's queues have to be made for it; so that its steps were timed on one that was not.
        using DeviceChoice? profiled = device is { Description.Kind: DeviceKind.OpenCL }
            ? DeviceChoice.Open(DeviceKind.OpenCL, device.Description.Index, isProfiling: true)
            : null;
        KernelChoice kernels = KernelsFor(device, configuration, data).Kernels;
        using TimedTrainer trainer = TimedTrainer.Create(profiled ?? device, kernels, configuration, data);
        if (trainer.MeasureParts(repeater, result.Step!.Seconds.Median) is not { } measured)
        {
            return;
        }

        (IReadOnlyList<PartMeasurement> parts, result.TimedStep, result.Launches) = measured;
        result.Parts.AddRange(parts);
    }

    /// <summary>Which kernels take the steps of a batch, as a training of it would choose them.</summary>
    private ChosenKernels KernelsFor(DeviceChoice? device, ExperimentConfiguration configuration, LoadedData data) =>
        device is null || _request.Kernels != KernelChoice.Auto
            ? new ChosenKernels(_request.Kernels)
            : EngineChoice.Choose(device, _choices!, configuration, data.Train);

    /// <summary>Of the network that is cut for 1989 and any network's, the one that did not take the steps.</summary>
    private static void MeasureOther(
        BenchmarkResult result, ExperimentConfiguration configuration, LoadedData data, DeviceChoice? device, Repeater repeater)
    {
        if (configuration.WeightNormalization || configuration.Optimizer.Kind.UsesCurvature)
        {
            result.Notes.Add("the trainer of any network is left out: it knows neither weight normalization nor second derivatives.");
            return;
        }

        if (device is null && !configuration.IsCutFor1989(data.Train.Count))
        {
            using TimedTrainer cut = TimedTrainer.CreateCutFor1989(configuration, data);
            result.CutFor1989 = cut.MeasureStep(repeater);
            return;
        }

        using TimedTrainer trainer = TimedTrainer.CreateGeneral(device, configuration, data);
        result.General = trainer.MeasureStep(repeater);
    }

    private static HostStepAnatomy Anatomy(
        int cores, DevicePeak peak, RateMeasurement step, IReadOnlyCollection<PartMeasurement> parts, CounterReadings counters) => new(
            cores,
            step.OperationsPerSecond / peak.OperationsPerSecond!.Value,
            parts.Count == 0 ? null : TimeShare.Of(parts, peak),
            counters);

    private void MeasurePerExample(BenchmarkResult result, LoadedData data, Repeater repeater)
    {
        ExperimentConfiguration configuration = Timed(BatchSize.PerExample, data.Train.Count);
        if (!EngineChoice.TrainsPerExample(configuration))
        {
            result.Notes.Add("one example at a time is left out: weight normalization takes a batch trainer.");
            return;
        }

        using TimedTrainer trainer = TimedTrainer.Create(device: null, _request.Kernels, configuration, data);
        result.PerExample = trainer.MeasureStep(repeater);
        double seconds = result.PerExample.Seconds.Median;
        IReadOnlyList<PartMeasurement> parts = trainer.MeasureParts(repeater, seconds)?.Parts ?? [];
        result.PerExampleAnatomy =
            Anatomy(cores: 1, ProcessorPeak.Measure(cores: 1), result.PerExample, parts, trainer.CountSteps(seconds));
    }

    private void MeasureCurve(BenchmarkResult result, DeviceChoice? device, Repeater repeater)
    {
        double patience = _request.NamesBatches ? double.PositiveInfinity : _request.IsQuick ? 2 : 30;
        foreach (int batch in _request.CurveBatches)
        {
            Say(result, FormattableString.Invariant($"a step of {batch:N0}"));
            if (result.Curve is [.., var last] && last.Seconds.Median * batch / last.Examples > patience)
            {
                result.Notes.Add(FormattableString.Invariant(
                    $"batches of {batch:N0} and more are left out: a step would take about ")
                    + $"{BenchmarkTable.Duration(last.Seconds.Median * batch / last.Examples)}"
                    + (_request.IsQuick ? "; without --quick more patience is had." : "."));
                return;
            }

            (ExperimentConfiguration configuration, LoadedData data) = Digits(new BatchSize(batch));
            try
            {
                KernelChoice kernels = KernelsFor(device, configuration, data).Kernels;
                using TimedTrainer trainer = TimedTrainer.CreateBatched(device, kernels, configuration, data);
                result.Curve.Add(trainer.MeasureStep(repeater));
            }
            catch (RunFailedException failure) when (result.Curve.Count > 0)
            {
                result.Notes.Add(FormattableString.Invariant($"batches of {batch:N0} and more are left out: {failure.Message}"));
                return;
            }
        }
    }

    /// <summary>Built-in digits, enough of them for a batch; what they show makes no difference to the time.</summary>
    private (ExperimentConfiguration Configuration, LoadedData Data) Digits(BatchSize batch)
    {
        int all = _request.Configuration.Train;
        int count = batch.Examples is { } examples
            ? Math.Max(Math.Min(examples, ExperimentConfiguration.MostExamples), Math.Min(LeastExamples, all))
            : all;
        uint seed = _request.Configuration.DataSeed;
        Examples train = BuiltinDigits.Draw(count, seed);
        Examples test = BuiltinDigits.Draw(Math.Min(_request.Configuration.Test, LeastExamples), seed + 1);
        LoadedData data = new(DataSets.Builtin, BuiltinDataSet.Origin, train, test);
        return (Timed(batch, count), data);
    }

    private ExperimentConfiguration Timed(BatchSize batch, int train) => _request.Configuration with
    {
        Dataset = DataSets.Builtin,
        Train = train,
        Batch = batch,
        Shuffle = batch == BatchSize.PerExample ? _request.Configuration.Shuffle : PresentationOrder.AsTheyAre,
        Passes = null,
        Steps = EndlessSteps,
    };
}
