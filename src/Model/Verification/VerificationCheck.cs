using System.Text.Json.Serialization;

namespace GpuConvnet.Model.Verification;

/// <summary>One line of a verification.</summary>
/// <param name="What">What was compared.</param>
/// <param name="WorstAbsolute">The largest difference.</param>
/// <param name="WorstRelative">The largest difference relative to the largest expected value of its comparison.</param>
/// <param name="Tolerance">What is allowed.</param>
/// <param name="IsRelative">Whether the tolerance is of the relative error, not the absolute.</param>
// A failing device's difference may be no number, which JSON has no other way to say than by a name.
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record VerificationCheck(
    string What, double WorstAbsolute, double WorstRelative, double Tolerance, bool IsRelative)
{
    /// <summary>Whether the difference is within the tolerance; what is no number is not.</summary>
    public bool Passed => (IsRelative ? WorstRelative : WorstAbsolute) <= Tolerance;
}
