using GpuConvnet.Kernels.Choosing;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>The lines that the program prints about a training; the evaluation's are the article's, letter by letter.</summary>
internal static class ReportLines
{
    private const int LongestNetwork = 160;

    /// <summary>The article's line for the training digits.</summary>
    public static string Train(RunEvaluation evaluation) => Evaluation("train", evaluation);

    /// <summary>The article's line for the test digits; that for validation digits says so, and is as wide.</summary>
    public static string Test(RunEvaluation evaluation, bool isValidation) =>
        Evaluation(isValidation ? "valid" : "test ", evaluation);

    /// <summary>What is trained.</summary>
    public static string Experiment(ExperimentConfiguration configuration) =>
        $"experiment: {configuration.Experiment}{(configuration.Description is { } text ? $". {text}" : "")}";

    /// <summary>The sizes of the network.</summary>
    public static string Network(ExperimentConfiguration configuration) => !configuration.Is1989
        ? Invariant($"network: {configuration.ParameterCount:N0} parameters, ")
            + Invariant($"{configuration.Layers.Operations:N0} multiply-accumulates, {configuration.Layers.Chain.Layers.Count:N0} layers ")
            + Invariant($"({Excerpt.Of(Listed(configuration), LongestNetwork)}; {configuration.Loss})")
        : Invariant(
        $"network: {Parameters.Count:N0} parameters, {Shape1989.Connections:N0} connections, ")
        + Invariant($"{Shape1989.ForwardMultiplyAccumulates:N0} multiply-accumulates, {Shape1989.Activations:N0} activations")
        + Invariant($" ({configuration.Hidden}, output {configuration.Output}, ")
        + Invariant($"{configuration.Loss})");

    /// <summary>The digits, and where they come from.</summary>
    public static string Data(LoadedData data) => Invariant(
        $"data: {data.Dataset}, {data.TrainCount:N0} training and {data.Test.Count:N0} {Tested(data.IsValidation)} digits ")
        + $"({data.Origin}"
        + (data.Streamed is null
            ? ""
            : Invariant($" during training; split train is evaluated on the first {data.Train.Count:N0}"))
        + (data.IsValidation ? "; the test split is not looked at)" : ")");

    /// <summary>What trains some experiments, and why.</summary>
    public static string Engine(EngineChoice engine, params IEnumerable<ExperimentConfiguration> experiments) =>
        $"accelerator: {engine.Accelerator}, {engine.Device}: {engine.Reason(experiments)}";

    /// <summary>Which kernels take a device's steps of the network of 1989, and why.</summary>
    /// <param name="kernels">The kernels; never auto.</param>
    /// <param name="chosen">How they were chosen.</param>
    public static string Kernels(KernelChoice kernels, ChosenKernels chosen) => $"kernels: {ConfigurationNames.Kernels[kernels]}, " + kernels switch
    {
        KernelChoice.Layers => "a launch per layer and direction",
        KernelChoice.Fused => "activations stay on the chip",
        KernelChoice.Tensor => "activations stay on the chip, sums by tensor cores",
        _ => throw new ArgumentOutOfRangeException(nameof(kernels), kernels, "These take no steps."),
    }
    + (chosen.Choice is { } choice ? $"; {Timed(choice, chosen.IsNew)}" : "");

    /// <summary>What was timed before kernels were chosen.</summary>
    /// <param name="choice">The choice.</param>
    /// <param name="isNew">Whether that was now.</param>
    public static string Timed(KeptChoice choice, bool isNew)
    {
        string when = isNew ? "timed now" : Invariant($"timed on {choice.Date:yyyy-MM-dd}");
        string times = string.Join(", ", choice.Times.Select((time, place) => Invariant(
            $"{ConfigurationNames.Kernels[time.Kernels]} {Duration(time.Seconds)}{(place == 0 ? " a step" : "")}")));
        return string.Join("; ", new[]
        {
            choice.Times.Count == 0 ? null
            : choice.IsDecided ? $"{when}: {times}"
            : $"{when}: {times}, too long to be compared in {Duration(KernelChooser.Budget.TotalSeconds)}",
        }.Concat(choice.Refused.Select(refusal => $"{ConfigurationNames.Kernels[refusal.Kernels]} is none to choose: {refusal.Reason}"))
            .OfType<string>());
    }

    /// <summary>The end of a run.</summary>
    public static string Finished(RunResult result)
    {
        RunSeconds seconds = result.Seconds;
        string passes = result.History[^1].Pass is int pass ? Invariant($"{pass:N0} {(pass == 1 ? "pass" : "passes")}, ") : "";
        return Invariant($"{(result.Interrupted ? "interrupted after" : "trained")} {passes}{result.Steps:N0} {(result.Steps == 1 ? "step" : "steps")} ")
            + Invariant($"in {seconds.Train:F2} s ({Rate(result.Steps / seconds.Train, result.Batch)}); ")
            + Invariant($"evaluation {seconds.Evaluate:F2} s, data {seconds.Data:F2} s, in all {seconds.Total:F2} s");
    }

    /// <summary>The fingerprint of the trained parameters.</summary>
    public static string Fingerprint(RunResult result) => $"parameters: sha256 {result.ParametersSha256}";

    /// <summary>Which of several stages begins.</summary>
    public static string Stage(TrainingStage stage) => Invariant(
        $"stage {stage.Number} of {stage.Stages}: {stage.First.Configuration.Experiment} on {stage.First.Data.Dataset}");

    /// <summary>What a run starts from; the evaluation before training follows.</summary>
    public static string Start(TrainingStart start) => $"from: {start.From}{(start.Note is { } note ? $" ({note})" : "")}; before training:";

    /// <summary>What an experiment learns from beside its labels.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="teacher">Its teacher.</param>
    public static string Teacher(ExperimentConfiguration experiment, Teacher teacher)
    {
        string networks = teacher.Members.Count == 1
            ? Invariant($"{teacher.Members[0].Network.ParameterCount:N0} parameters")
            : Invariant($"{teacher.Members.Count} networks, {teacher.Members.Sum(member => (long)member.Network.ParameterCount):N0} parameters");
        return Invariant(
            $"teacher: {experiment.Teacher} ({networks}), temperature {experiment.Teaching!.Temperature}, labels' share {experiment.Teaching.LabelShare}");
    }

    /// <summary>One of several runs.</summary>
    public static string Run(int number, int runs, RunResult result) => Invariant(
        $"run {number} of {runs}, seed {result.Seed}{(result.Interrupted ? ", interrupted" : "")}")
        + (result.Before is { } before
            ? Invariant($" (before: {before.Train.Misses} train and {before.Test.Misses} test misses):")
            : ":");

    /// <summary>The statistics over several runs.</summary>
    public static IEnumerable<string> Summary(RunsSummary summary, bool isValidation)
    {
        string tested = Tested(isValidation);
        int width = Math.Max(tested.Length, "train".Length) + " misses: ".Length;
        return
        [
            $"{$"{tested} misses:".PadRight(width)}{Misses(summary.TestMisses)}",
            $"{"train misses:".PadRight(width)}{Misses(summary.TrainMisses)}",
            $"{$"{tested} loss:".PadRight(width)}"
                + Invariant($"mean {summary.TestLoss.Mean:0.000000e+00}, sd {summary.TestLoss.Sd:0.0e+00}, ")
                + Invariant($"min {summary.TestLoss.Min:0.000000e+00}, max {summary.TestLoss.Max:0.000000e+00}"),
            .. summary.BeforeTestMisses is { } before
                ? [$"{tested} misses before: {Misses(before)}"]
                : Array.Empty<string>(),
        ];
    }

    /// <summary>The live line of a single run.</summary>
    public static string Progress(
        ExperimentConfiguration configuration, long taken, long steps, double seconds, HistoryEntry? latest)
    {
        double rate = taken / Math.Max(seconds, 1e-9);
        long pass = Math.Min((steps - 1) / configuration.StepsPerPass + 1, configuration.Passes ?? long.MaxValue);
        string counted = configuration.Passes is int passes
            ? Invariant($"pass {pass} of {passes}")
            : Invariant($"step {steps:N0} of {configuration.TotalSteps:N0}");
        string losses = latest is null
            ? ""
            : Invariant($", loss {latest.Train.Loss:F4} train, {latest.Test.Loss:F4} {Tested(configuration.IsValidation)}");
        return Invariant($"{counted}, {Rate(rate, configuration.Batch)}, {Left((configuration.TotalSteps - steps) / rate)} left{losses}");
    }

    /// <summary>The live line of several runs.</summary>
    public static string Progress(int finished, int runs, double fraction, double seconds) => Invariant(
        $"{finished} of {runs} runs finished, {Left(seconds * (1 - fraction) / Math.Max(fraction, 1e-9))} left");

    /// <summary>The live line of an ensemble.</summary>
    /// <param name="configuration">What it is trained by.</param>
    /// <param name="presentations">Examples that all its members were shown since it began or went on.</param>
    /// <param name="steps">The steps of each so far.</param>
    /// <param name="before">The steps that each had taken before.</param>
    /// <param name="seconds">The seconds since.</param>
    /// <param name="members">How many there are.</param>
    public static string Progress(
        ExperimentConfiguration configuration, long presentations, long steps, long before, double seconds, int members)
    {
        double left = seconds * (configuration.TotalSteps - steps) / (steps - before);
        return Invariant($"{members} replicas, {steps:N0} of {configuration.TotalSteps:N0} {Unit(configuration.Batch)} each, ")
            + Invariant($"{presentations / Math.Max(seconds, 1e-9):N0} presentations/s, {Left(left)} left");
    }

    /// <summary>How fast an ensemble was trained.</summary>
    public static string Ensemble(IReadOnlyCollection<RunResult> results, PlannedRun first)
    {
        double seconds = results.Max(result => result.Seconds.Train);
        long presentations = results.Sum(result => first.ExamplesOf(result.Steps));
        return Invariant($"replicas: {results.Count} side by side, {presentations:N0} presentations in {seconds:F2} s of training, ")
            + Invariant($"{presentations / seconds:N0}/s; ")
            + Invariant($"evaluation {results.Max(result => result.Seconds.Evaluate):F2} s");
    }

    /// <summary>A network that a configuration lists, layer by layer with the shapes that they give; a family as it stands there.</summary>
    private static string Listed(ExperimentConfiguration configuration) => configuration.Architecture is { IsListed: true }
        ? string.Join(", ", configuration.Layers.Chain.Layers.Select(layer => layer.Description.Split(',')[0]
            + (layer.Output.Equals(layer.Input) ? "" : $" to {layer.Output}")))
        : configuration.Architecture!.Json;

    private static string Tested(bool isValidation) => isValidation ? RunResult.Validation : "test";

    /// <summary>So many a second; of few, with digits behind the point.</summary>
    private static string Rate(double perSecond, BatchSize batch) =>
        $"{(perSecond < 10 ? Invariant($"{perSecond:G2}") : Invariant($"{perSecond:N0}"))} {Unit(batch)}/s";

    /// <summary>What is counted a second: per example a step is an example, and the article counts those.</summary>
    private static string Unit(BatchSize batch) => batch == BatchSize.PerExample ? "examples" : "steps";

    private static string Evaluation(string split, RunEvaluation evaluation) => Invariant(
        $"eval: split {split}. loss {evaluation.Loss:0.000000e+00}. error {evaluation.ErrorPercent:F2}%. misses: {evaluation.Misses}");

    private static string Misses(Statistic misses) => Invariant(
        $"mean {misses.Mean:F1}, sd {misses.Sd:F1}, min {misses.Min:F0}, max {misses.Max:F0}");

    private static string Duration(double seconds) => seconds switch
    {
        < 1e-3 => Invariant($"{seconds * 1e6:G3} µs"),
        < 1 => Invariant($"{seconds * 1e3:G3} ms"),
        _ => Invariant($"{seconds:G3} s"),
    };

    private static string Left(double seconds) => seconds switch
    {
        < 60 => Invariant($"{seconds:F0} s"),
        < 6000 => Invariant($"{seconds / 60:F0} min"),
        _ => Invariant($"{seconds / 3600:F1} h"),
    };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
