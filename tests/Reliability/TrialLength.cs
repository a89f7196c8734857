using System.Globalization;

namespace GpuConvnet.Tests.Reliability;

/// <summary>How many trials are made: a few, or as many as <c>GPUCONVNET_RELIABILITY</c> says, of each kind.</summary>
internal static class TrialLength
{
    private const string Variable = "GPUCONVNET_RELIABILITY";
    private const int Seed = 21;
    private const int MostOfTheLong = 60;

    /// <summary>Whether many were asked for.</summary>
    public static bool IsLong => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>Takes some of all that could be tried, at random and of each kind alike, the same ones each time.</summary>
    /// <param name="all">All.</param>
    /// <param name="kindOf">The kind of one.</param>
    /// <param name="few">How many, unless many were asked for.</param>
    public static IEnumerable<T> Some<T>(IReadOnlyList<T> all, Func<T, string> kindOf, int few)
    {
        T[] shuffled = [.. all];
        new Random(Seed).Shuffle(shuffled);
        return shuffled
            .GroupBy(kindOf)
            .SelectMany(kind => kind.Select((trial, place) => (trial, place)))
            .OrderBy(each => each.place)
            .Select(each => each.trial)
            .Take(IsLong ? int.Parse(Environment.GetEnvironmentVariable(Variable)!, CultureInfo.InvariantCulture) : few);
    }

    /// <summary>Fewer trials, evenly, of a command that takes long.</summary>
    /// <param name="scenario">The command.</param>
    /// <param name="all">All trials of it.</param>
    public static IEnumerable<T> Fewer<T>(Scenario scenario, IReadOnlyList<T> all)
    {
        int distance = scenario.IsLong ? Math.Max(1, all.Count / MostOfTheLong) : 1;
        return all.Where((_, index) => index % distance == 0);
    }
}
