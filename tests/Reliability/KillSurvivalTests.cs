namespace GpuConvnet.Tests.Reliability;

/// <summary>The program killed at calls of the system that change its folder, or half-way through them.</summary>
[Collection(ReliabilityGroup.Name)]
public sealed class KillSurvivalTests(Scenarios scenarios)
{
    private const int Few = 10;
    private const int Killed = 128 + 9;
    private const string TornWrite = "half-way through write";

    [Fact]
    [Trait("Speed", "Slow")]
    public void Killed_at_any_call_it_goes_on_to_the_same_bits_and_loses_nothing()
    {
        Tally tally = new("kills");
        List<(Scenario Scenario, string Kind, string Plan)> all = [];
        foreach (Scenario scenario in scenarios.All)
        {
            WatchedCall[] calls = [.. scenario.Changes.Where(call => call.Number > 0)];
            all.AddRange(TrialLength.Fewer(
                scenario,
                [
                    .. calls.Select(call => (scenario, call.Name, $"kill:{call.Number}")),
                    .. calls.Where(call => call.IsWrite && call.Length > 1)
                        .Select(call => (scenario, TornWrite, $"tear:{call.Number}:write")),
                ]));
        }

        foreach ((Scenario scenario, string planned, string plan) in TrialLength.Some(all, each => each.Kind, Few))
        {
            string folder = scenario.NewFolder();
            StruckRun run = scenario.Strike(plan, folder);

            // Where threads took another order there may be fewer such calls after that one.
            if (run.Struck is { } struck)
            {
                Assert.Equal(Killed, run.Code);
                string kind = planned == TornWrite ? TornWrite : struck.Name;
                tally.Add($"{scenario.Name}: {kind}", $"{plan} at {struck}", new Aftermath(scenario, folder).Problems(keepsAll: true));
            }

            Directory.Delete(Scenario.Watched(folder), recursive: true);
        }

        Assert.InRange(tally.Tried, Few / 2, int.MaxValue);
        Assert.True(tally.Problems.Count == 0, tally.ToString());
    }
}
