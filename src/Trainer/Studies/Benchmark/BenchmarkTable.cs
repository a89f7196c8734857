using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>The measurements as text.</summary>
internal static class BenchmarkTable
{
    // Of a step's time: what is less is only in the JSON.
    private const double LeastShare = 0.005;

    /// <summary>The lines of the table.</summary>
    public static IEnumerable<string> Lines(BenchmarkResult result)
    {
        BenchmarkEnvironment environment = result.Environment;
        yield return Invariant($"{result.Command}, {result.Date:yyyy-MM-dd HH:mm} UTC");
        yield return $"machine: {environment.Processor}, {Counted(environment.Cores, "core")}; {environment.Runtime}, "
            + $"{environment.System}, {environment.Architecture}; trainer {environment.Program}";
        yield return Invariant($"{result.Experiment}, {Counted(result.Batch, "example")} a step, on {result.Accelerator}: ")
            + result.Device + (result.Driver is { } driver ? $" ({driver})" : "");
        yield return Invariant($"network: {result.Network.Parameters:N0} parameters, {result.Network.MultiplyAccumulates:N0} ")
            + Invariant($"multiply-accumulates an example, {result.Network.TrainingMultiplyAccumulates:N0} in training; ")
            + (result.Network.Is1989 ? "that of 1989" : "not that of 1989");
        if (result.Interrupted)
        {
            yield return "INTERRUPTED: what follows had been measured by then.";
        }

        if (result.Peak is { } peak)
        {
            yield return Invariant($"peak: {Rate(peak.OperationsPerSecond, "FLOP/s")}, {Rate(peak.BytesPerSecond, "B/s")}; ")
                + peak.Source;
        }

        yield return "";
        foreach (string line in Whole(result).Concat(Parts(result)).Concat(Anatomies(result)).Concat(Curve(result)))
        {
            yield return line;
        }

        foreach (string note in result.Notes)
        {
            yield return $"note: {note}";
        }
    }

    /// <summary>Seconds in the unit that suits them.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        >= 1 => Invariant($"{seconds:F2} s"),
        >= 1e-3 => Invariant($"{Significant(seconds * 1e3)} ms"),
        _ => Invariant($"{Significant(seconds * 1e6)} µs"),
    };

    private static IEnumerable<string> Whole(BenchmarkResult result)
    {
        if (result.StartUp is { } startUp)
        {
            yield return $"first step   {Duration(startUp.TotalSeconds),10} after the start of the process: "
                + $"runtime {Duration(startUp.RuntimeSeconds)}, digits {Duration(startUp.DataSeconds)}, "
                + $"device and kernels {Duration(startUp.CompileSeconds)}, the step {Duration(startUp.FirstStepSeconds)}";
        }

        if (result.Step is { } step)
        {
            yield return Measured("step", step, result.Peak)
                + (result.Launches is { } launches ? Invariant($"; {launches} launches") : "")
                + (result.Kernels is { } kernels ? $", kernels: {ConfigurationNames.Kernels[kernels]}" : "");
        }

        if (result.General is { } general)
        {
            yield return Measured("general", general, result.Peak) + "; the same step, by what trains any network";
        }

        if (result.CutFor1989 is { } cut)
        {
            yield return Measured("cut for 1989", cut, result.Peak) + "; the same step, by what takes small batches";
        }

        if (result.Evaluation is { } evaluation)
        {
            yield return Measured("evaluation", evaluation, result.Peak)
                + Invariant($"; both splits, {evaluation.Examples:N0} examples");
        }

        if (result.PerExample is { } perExample)
        {
            yield return Measured("per example", perExample, peak: null) + "; the reference path, one core";
        }

        if (result.ToAccuracy is { } accuracy)
        {
            yield return accuracy.IsReached
                ? Invariant($"to accuracy  {Duration(accuracy.TrainSeconds),10} of training, {accuracy.Steps:N0} steps, to ")
                    + Invariant($"{accuracy.TestMisses} test misses (target {accuracy.TargetMisses}: {accuracy.TargetSource}); ")
                    + Invariant($"{Duration(accuracy.TotalSeconds)} with evaluations; seed {accuracy.Seed}")
                : Invariant($"to accuracy  not reached in {accuracy.Steps:N0} steps: {accuracy.TestMisses} test misses at best, ")
                    + Invariant($"target {accuracy.TargetMisses} ({accuracy.TargetSource}); seed {accuracy.Seed}");
        }
    }

    private static IEnumerable<string> Parts(BenchmarkResult result)
    {
        if (result.Parts.Count == 0 || result.TimedStep is not { } whole)
        {
            yield break;
        }

        bool isDevice = result.Launches is not null;
        yield return "";
        yield return Invariant($"{(isDevice ? "kernel" : "pass"),-24} {(isDevice ? "launches" : ""),8}     median    minimum  of step   GFLOP/s  of peak{(isDevice ? "      GB/s  of peak" : "")}");
        foreach (PartMeasurement part in result.Parts)
        {
            yield return Invariant($"{part.Part,-24} {(isDevice ? part.Launches : null),8} {Duration(part.Seconds.Median),10} {Duration(part.Seconds.Minimum),10} ")
                + Invariant($"{Share(part.Seconds.Median, whole.Median),8} {Giga(part.OperationsPerSecond),9} ")
                + Invariant($"{Share(part.OperationsPerSecond, result.Peak?.OperationsPerSecond),8}")
                + (isDevice ? Invariant($" {Giga(part.BytesPerSecond),9} {Share(part.BytesPerSecond, result.Peak?.BytesPerSecond),8}") : "");
        }

        double sum = result.Parts.Sum(part => part.Seconds.Median);
        yield return Invariant($"{"all of these",-24} {result.Launches,8} {Duration(sum),10} {"",10} {Share(sum, whole.Median),8}");
        yield return $"a step while they are timed takes {Duration(whole.Median)} (median of {whole.Repeats}); "
            + (isDevice
                ? "times are the device's own, from the end of one kernel to the end of the next."
                : "a pass's time is that of all threads, divided by the threads.");
    }

    private static IEnumerable<string> Anatomies(BenchmarkResult result)
    {
        IEnumerable<(string What, HostStepAnatomy? Anatomy)> all =
            [("step", result.Anatomy), ("per example", result.PerExampleAnatomy)];
        foreach ((string what, HostStepAnatomy? anatomy) in all)
        {
            if (anatomy is null)
            {
                continue;
            }

            yield return "";
            yield return Invariant($"{what}: {Share(anatomy.OfPeak, 1)} of the peak of {Counted(anatomy.Cores, "core")}")
                + (anatomy.Shares?.Any(share => share.On == TimedTrainer.Update) == false ? "; backward passes have the update in them" : "");
            if (anatomy.Shares is { } shares)
            {
                yield return $"  time      {string.Join(", ", shares.Where(share => share.Share >= LeastShare).Select(share =>
                    $"{Share(share.Share, 1)} {share.On}"))}";
            }

            yield return $"  counters  {Counted(anatomy.Counters, anatomy.Cores)}";
        }
    }

    private static string Counted(CounterReadings counters, int cores) => string.Join("; ", new[]
    {
        counters.BusyCores is { } busy ? Invariant($"{busy:F2} of {Counted(cores, "core")} busy") : null,
        counters.InstructionsPerCycle is { } rate ? Invariant($"{rate:F2} instructions a cycle") : null,
        counters.StalledCycles is { } stalled ? $"{Share(stalled, 1)} of cycles stalled" : null,
        counters.CacheMissesPerThousand is { } misses ? Invariant($"{misses:F1} first-cache misses a thousand instructions") : null,
        counters.PageFaults is { } faults ? Invariant($"{faults:N0} page faults") : null,
        counters.Missing,
    }.OfType<string>());

    private static IEnumerable<string> Curve(BenchmarkResult result)
    {
        if (result.Curve.Count == 0)
        {
            yield break;
        }

        yield return "";
        yield return "   batch  step, median    minimum  spread   examples/s   GFLOP/s  of peak";
        foreach (RateMeasurement point in result.Curve)
        {
            yield return Invariant($"{point.Examples,8:N0}  {Duration(point.Seconds.Median),12} {Duration(point.Seconds.Minimum),10} ")
                + Invariant($"{100 * point.Seconds.Spread,6:F0}% {point.ExamplesPerSecond,12:N0} {Giga(point.OperationsPerSecond),9} ")
                + Invariant($"{Share(point.OperationsPerSecond, result.Peak?.OperationsPerSecond),8}");
        }
    }

    private static string Measured(string what, RateMeasurement measured, DevicePeak? peak) =>
        Invariant($"{what,-12} {Duration(measured.Seconds.Median),10} (median of {measured.Seconds.Repeats}; ")
        + Invariant($"minimum {Duration(measured.Seconds.Minimum)}, spread {100 * measured.Seconds.Spread:F0}%), ")
        + Invariant($"{measured.ExamplesPerSecond:N0} examples/s, {Rate(measured.OperationsPerSecond, "FLOP/s")}")
        + (peak?.OperationsPerSecond is { } most ? $", {Share(measured.OperationsPerSecond, most)} of peak" : "");

    private static string Share(double? part, double? whole) =>
        part is null ? "" : whole is null ? "unknown" : Invariant($"{100 * part / whole:F1}%");

    private static string Giga(double? rate) => rate is { } known ? Significant(known * 1e-9) : "";

    private static string Rate(double? rate, string unit) => rate switch
    {
        null => $"unknown {unit}",
        >= 1e12 => Invariant($"{rate * 1e-12:F2} T{unit}"),
        >= 1e8 => Invariant($"{Significant(rate.Value * 1e-9)} G{unit}"),
        _ => Invariant($"{Significant(rate.Value * 1e-6)} M{unit}"),
    };

    private static string Significant(double value) => value switch
    {
        >= 100 => Invariant($"{value:N0}"),
        >= 10 => Invariant($"{value:F1}"),
        >= 0.1 => Invariant($"{value:F2}"),
        _ => Invariant($"{value:G2}"),
    };

    private static string Counted(int count, string what) => Invariant($"{count:N0} {what}{(count == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
