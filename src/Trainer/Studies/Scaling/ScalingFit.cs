using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>A power law of the test error in percent, through the means of some points.</summary>
internal sealed record ScalingFit
{
    /// <summary>What the error is a law of: <c>parameters</c>, <c>digits</c> or <c>compute</c>.</summary>
    public required string Against { get; init; }

    /// <summary>The training digits of its points; null where they differ.</summary>
    public int? Digits { get; init; }

    /// <summary>The width of its points; null where they differ.</summary>
    public double? Width { get; init; }

    /// <summary>The law.</summary>
    public required PowerLaw Law { get; init; }

    /// <summary>How many points have no part in it: without an error, or all diverged. Left out when none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int LeftOut { get; init; }

    /// <summary>Its points in words.</summary>
    [JsonIgnore]
    public string Of => Digits is int digits
        ? FormattableString.Invariant($"{digits:N0} digits")
        : Width is double width ? FormattableString.Invariant($"width {width}") : "the best for their compute";

    /// <summary>
    /// All laws that points allow: against parameters for each number of digits, against digits for each width, and against
    /// compute through <see cref="Frontier"/>.
    /// </summary>
    /// <param name="points">The points.</param>
    public static ScalingFit[] All(IReadOnlyList<ScalingPoint> points) =>
    [
        .. points.GroupBy(point => point.Digits).OrderBy(group => group.Key)
            .SelectMany(group => Fit("parameters", [.. group], point => point.Parameters)
                .Select(fit => fit with { Digits = group.Key })),
        .. points.GroupBy(point => point.Width).OrderBy(group => group.Key)
            .SelectMany(group => Fit("digits", [.. group], point => point.Digits)
                .Select(fit => fit with { Width = group.Key })),
        .. Fit("compute", Frontier(points), point => point.Compute),
    ];

    /// <summary>The points with a smaller mean error than all that cost as much or less, cheapest first.</summary>
    public static ScalingPoint[] Frontier(IEnumerable<ScalingPoint> points)
    {
        List<ScalingPoint> frontier = [];
        foreach (ScalingPoint point in points.Where(point => point.ErrorPercent is not null)
            .OrderBy(point => point.Compute).ThenBy(point => point.ErrorPercent!.Mean))
        {
            if (frontier.Count == 0 || point.ErrorPercent!.Mean < frontier[^1].ErrorPercent!.Mean)
            {
                frontier.Add(point);
            }
        }

        return [.. frontier];
    }

    private static ScalingFit[] Fit(string against, ScalingPoint[] points, Func<ScalingPoint, double> quantity) =>
        PowerLaw.Fit(points.Select(point => (quantity(point), point.ErrorPercent?.Mean ?? 0))) is { } law
            ? [new ScalingFit { Against = against, Law = law, LeftOut = points.Length - law.Points }]
            : [];
}
