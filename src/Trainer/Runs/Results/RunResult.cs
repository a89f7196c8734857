using System.Text.Json.Serialization;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What a run of one seed gave: what <c>--json</c> prints and <c>result.json</c> holds.</summary>
internal sealed record RunResult
{
    /// <summary>The folder that holds the run: in what <c>--json</c> prints, where there is one.</summary>
    public string? Folder { get; init; }

    /// <summary>What <see cref="TestedOn"/> is where the test split is not looked at.</summary>
    public const string Validation = "validation";

    /// <summary>The configuration's name.</summary>
    public required string Experiment { get; init; }

    /// <summary>What computed it: <c>cuda</c>, <c>opencl</c>, <c>cpu</c> or <c>host</c>.</summary>
    public required string Accelerator { get; init; }

    /// <summary>The device's own name.</summary>
    public required string Device { get; init; }

    /// <summary>
    /// Which kernels took the steps: <c>layers</c>, <c>fused</c> or <c>tensor</c>, whatever was asked for. Left out where none did that
    /// are cut for the network of 1989: on the host, of other networks, with a teacher, of replicas; and in results of earlier versions.
    /// </summary>
    [JsonConverter(typeof(KernelsConverter))]
    public KernelChoice? Kernels { get; init; }

    /// <summary>The digits that were used; never <c>auto</c>.</summary>
    public required string Dataset { get; init; }

    /// <summary>
    /// <c>validation</c> where <see cref="Test"/> is about digits held out of the training split; left out where it is about
    /// the test split.
    /// </summary>
    public string? TestedOn { get; init; }

    /// <summary>The examples of a step.</summary>
    public required BatchSize Batch { get; init; }

    /// <summary>The seed of the initial weights.</summary>
    public required uint Seed { get; init; }

    /// <summary>What the run started from: an experiment's name or file, or a saved model; null for drawn weights.</summary>
    public string? From { get; init; }

    /// <summary>What the run learnt from beside its labels: a run's folder or a model's file; null for labels alone.</summary>
    public string? Teacher { get; init; }

    /// <summary>SHA-256 of the teacher's parameters; null for labels alone.</summary>
    public string? TeacherSha256 { get; init; }

    /// <summary>What training the experiment named by <see cref="From"/> gave; null where that is no experiment.</summary>
    public RunResult? Pretraining { get; init; }

    /// <summary>The whole passes that were made.</summary>
    public required int Passes { get; init; }

    /// <summary>The steps that were made.</summary>
    public required long Steps { get; init; }

    /// <summary>True when the run was stopped before its end; otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Interrupted { get; init; }

    /// <summary>What ended the run before its end, if that was no user; otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Failure { get; init; }

    /// <summary>Where the time went; that of <see cref="Pretraining"/> stands there.</summary>
    public required RunSeconds Seconds { get; init; }

    /// <summary>How well it did before this run trained it; null for drawn weights.</summary>
    public BeforeTraining? Before { get; init; }

    /// <summary>How well the network does on the training digits at the end.</summary>
    public required RunEvaluation Train { get; init; }

    /// <summary>How well it does on the digits it is tested on at the end.</summary>
    public required RunEvaluation Test { get; init; }

    /// <summary>The evaluations, in order: all, or those that are kept of very many.</summary>
    public required IReadOnlyList<HistoryEntry> History { get; init; }

    /// <summary>How many evaluations there were; null where all are in <see cref="History"/>.</summary>
    public long? Evaluations { get; init; }

    /// <summary>SHA-256 of the parameters as little-endian float32, in lower-case hexadecimal.</summary>
    public required string ParametersSha256 { get; init; }

    /// <summary>The same with fewer evaluations, in the training that it starts from too.</summary>
    /// <param name="most">The most that are kept, but for the last one.</param>
    internal RunResult Thinned(int most) => History.Count <= most && Pretraining is null ? this : this with
    {
        History = EvaluationHistory.Thinned(History, most),
        Evaluations = History.Count <= most ? Evaluations : Evaluations ?? History.Count,
        Pretraining = Pretraining?.Thinned(most),
    };

    /// <summary>Whether what a file said has every evaluation that it should have; a list in JSON may hold null.</summary>
    [JsonIgnore]
    internal bool IsWhole => History.Count > 0 && !History.Contains(null!) && Pretraining is null or { IsWhole: true };
}
