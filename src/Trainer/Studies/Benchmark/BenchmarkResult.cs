using System.Text.Json.Serialization;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>
/// Everything measured, as <c>--json</c> prints it and <c>bench.json</c> holds it. What is missing was not measured.
/// </summary>
internal sealed record BenchmarkResult
{
    /// <summary>The command that gives it.</summary>
    public required string Command { get; init; }

    /// <summary>When it was begun, in UTC.</summary>
    public required DateTime Date { get; init; }

    /// <summary>The experiment whose steps were timed.</summary>
    public required string Experiment { get; init; }

    /// <summary>Where.</summary>
    public required string Accelerator { get; init; }

    /// <summary>The device's own name.</summary>
    public required string Device { get; init; }

    /// <summary>
    /// Which kernels took the steps: <c>layers</c>, <c>fused</c> or <c>tensor</c>; null where none did that are cut for the network of
    /// 1989.
    /// </summary>
    [JsonConverter(typeof(KernelsConverter))]
    public KernelChoice? Kernels { get; set; }

    /// <summary>
    /// Which kernels <c>--kernels auto</c> chose between, and how long each takes for a step; null where there was nothing to choose.
    /// </summary>
    public IReadOnlyList<CandidateMeasurement>? Candidates { get; set; }

    /// <summary>Its driver; null for the host.</summary>
    public string? Driver { get; init; }

    /// <summary>The examples of a step.</summary>
    public required int Batch { get; init; }

    /// <summary>The network that is trained.</summary>
    public required NetworkSize Network { get; init; }

    /// <summary>The machine and the program.</summary>
    public required BenchmarkEnvironment Environment { get; init; }

    /// <summary>True when it was ended before everything was measured; otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Interrupted { get; set; }

    /// <summary>What was left out, and why.</summary>
    public List<string> Notes { get; init; } = [];

    /// <summary>What the device can do at most.</summary>
    public DevicePeak? Peak { get; set; }

    /// <summary>From the start of the process to the first step.</summary>
    public StartUp? StartUp { get; set; }

    /// <summary>A training step.</summary>
    public RateMeasurement? Step { get; set; }

    /// <summary>The same step by what trains any network; only measured of the network of 1989, which has faster ways.</summary>
    public RateMeasurement? General { get; set; }

    /// <summary>The same step by what is cut for the network of 1989; only measured on the host, where another is faster.</summary>
    public RateMeasurement? CutFor1989 { get; set; }

    /// <summary>An evaluation of both splits.</summary>
    public RateMeasurement? Evaluation { get; set; }

    /// <summary>How many kernels a step launches; null for the host, which launches none.</summary>
    public int? Launches { get; set; }

    /// <summary>The parts of a step, in its order.</summary>
    public List<PartMeasurement> Parts { get; init; } = [];

    /// <summary>The step that the parts are parts of: it was timed while they were, and is slower for it.</summary>
    public Timing? TimedStep { get; set; }

    /// <summary>How near the step comes to the peak, and what the rest waits for; only measured on the host.</summary>
    public HostStepAnatomy? Anatomy { get; set; }

    /// <summary>The same of <see cref="PerExample"/>, beside the peak of one core.</summary>
    public HostStepAnatomy? PerExampleAnatomy { get; set; }

    /// <summary>Steps of other batches, ascending.</summary>
    public List<RateMeasurement> Curve { get; init; } = [];

    /// <summary>One example at a time on one core of the host, by the vector path.</summary>
    public RateMeasurement? PerExample { get; set; }

    /// <summary>How long training takes to the article's accuracy.</summary>
    public AccuracyMeasurement? ToAccuracy { get; set; }

    /// <summary>Seconds by the wall clock that all of it took.</summary>
    public double Seconds { get; set; }
}
