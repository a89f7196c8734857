using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>Everything that decides which numbers a sweep gives: a folder holds the runs of one definition.</summary>
internal sealed record SweepDefinition
{
    /// <summary>What all points have in common.</summary>
    public required JsonNode Configuration { get; init; }

    /// <summary>What the points differ in, as it was written.</summary>
    public required IReadOnlyList<string> Set { get; init; }

    /// <summary>How many points were drawn at random; null for a grid.</summary>
    public int? Random { get; init; }

    /// <summary>The seed of that drawing; null for a grid.</summary>
    public uint? SearchSeed { get; init; }

    /// <summary>How many seeds a point is trained with.</summary>
    public required int Runs { get; init; }

    /// <summary>Whether the worse half of the points is dropped again and again.</summary>
    public bool? Halving { get; init; }

    /// <summary>The digits; never <c>auto</c>.</summary>
    public required IReadOnlyList<string> Datasets { get; init; }

    /// <summary>What trains; each computes bits of its own.</summary>
    public required IReadOnlyList<string> Accelerators { get; init; }

    /// <summary>True when a device trains runs at once, by kernels of their own; otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AtOnce { get; init; }

    /// <summary>The definition of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="datasets">The digits that were found for it.</param>
    /// <param name="accelerators">What was chosen to train it.</param>
    /// <param name="isAtOnce">Whether a device trains some of its runs at once.</param>
    public static SweepDefinition Of(
        SweepRequest request, IReadOnlyList<string> datasets, IReadOnlyList<string> accelerators, bool isAtOnce) => new()
        {
            Configuration = JsonNode.Parse(ConfigurationFile.Serialize(request.Configuration with { Schema = null, Description = null }))!,
            Set = [.. request.Axes.Select(axis => axis.Text)],
            Random = request.Random,
            SearchSeed = request.Random is null ? null : request.SearchSeed,
            Runs = request.Runs,
            Halving = request.Halving ? true : null,
            Datasets = datasets,
            Accelerators = accelerators,
            AtOnce = isAtOnce,
        };
}
