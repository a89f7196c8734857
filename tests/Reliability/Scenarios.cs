namespace GpuConvnet.Tests.Reliability;

/// <summary>The commands that are tried, each prepared once for all tests.</summary>
public sealed class Scenarios : IDisposable
{
    private readonly Striker _striker = new();
    private readonly Dictionary<string, Scenario> _prepared = [];

    /// <summary>Those that are tried: without the one that trains for seconds, unless many trials were asked for.</summary>
    internal IReadOnlyList<Scenario> All => [.. (TrialLength.IsLong ? Scenario.Names : Scenario.Names.SkipLast(1)).Select(Of)];

    public void Dispose()
    {
        foreach (Scenario scenario in _prepared.Values)
        {
            scenario.Dispose();
        }

        _striker.Dispose();
    }

    private Scenario Of(string name)
    {
        _striker.Require();
        if (!_prepared.TryGetValue(name, out Scenario? scenario))
        {
            _prepared.Add(name, scenario = new Scenario(_striker, name));
        }

        return scenario;
    }
}
