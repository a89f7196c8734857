namespace GpuConvnet.Trainer.Runs.Models;

/// <summary>What the file of an ensemble says of it, as JSON on one line in its metadata.</summary>
/// <param name="Average">What is averaged: <c>probabilities</c> or <c>logits</c>.</param>
/// <param name="Members">
/// Of each member what the file of its own said: which network it is, how and on which digits it was trained; and the fingerprint of its
/// parameters, <c>parametersSha256</c>.
/// </param>
internal sealed record EnsembleDescription(string Average, IReadOnlyList<IReadOnlyDictionary<string, string>> Members)
{
    /// <summary>The key of a member's fingerprint.</summary>
    public const string ParametersKey = "parametersSha256";

    /// <summary>The most members: their names and descriptions stay below what the header of a file may have.</summary>
    public const int MostMembers = 256;

    /// <summary>Whether nothing is missing; JSON may hold null anywhere.</summary>
    public bool IsWhole => Average is not null
        && Members is { Count: > 0 and <= MostMembers }
        && Members.All(member => member is not null && member.Values.All(value => value is not null));
}
