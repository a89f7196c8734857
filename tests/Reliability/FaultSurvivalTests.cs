namespace GpuConvnet.Tests.Reliability;

/// <summary>The program on a disk that fails, is full or read-only, and where calls are interrupted or do half.</summary>
[Collection(ReliabilityGroup.Name)]
public sealed class FaultSurvivalTests(Scenarios scenarios)
{
    private const int Few = 12;

    [Fact]
    [Trait("Speed", "Slow")]
    public void Whatever_call_fails_it_says_so_or_gets_over_it_and_goes_on_to_the_same_bits()
    {
        Tally tally = new("faults");
        FaultTrial[] all = [.. scenarios.All.SelectMany(scenario => TrialLength.Fewer(scenario, [.. FaultTrial.Of(scenario)]))];
        foreach (FaultTrial trial in TrialLength.Some(all, trial => trial.Call, Few))
        {
            trial.Make(tally);
        }

        Assert.InRange(tally.Tried, Few / 2, int.MaxValue);
        Assert.True(tally.Problems.Count == 0, tally.ToString());
    }
}
