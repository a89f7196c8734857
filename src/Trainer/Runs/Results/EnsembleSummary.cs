using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>The members of an ensemble, how well each does, and how often they disagree.</summary>
internal sealed record EnsembleSummary
{
    /// <summary>What is averaged: <c>probabilities</c> or <c>logits</c>.</summary>
    public required string Average { get; init; }

    /// <summary>The members, in order.</summary>
    public required IReadOnlyList<EnsembleMemberResult> Members { get; init; }

    /// <summary>The members' misses of the digits that it is tested on; null where it was not.</summary>
    public Statistic? MemberTestMisses { get; init; }

    /// <summary>How often they disagree on the training digits, when asked for.</summary>
    public EnsembleDisagreement? TrainDisagreement { get; init; }

    /// <summary>How often they disagree on the digits that it is tested on, when asked for.</summary>
    public EnsembleDisagreement? TestDisagreement { get; init; }

    /// <summary>Whether what a file said has every member that it should have; a list in JSON may hold null.</summary>
    [JsonIgnore]
    internal bool IsWhole => Members.Count > 0
        && Members.All(member => member is { Source: not null, Experiment: not null, ParametersSha256: not null });
}
