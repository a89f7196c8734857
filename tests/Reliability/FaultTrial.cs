using System.Globalization;

namespace GpuConvnet.Tests.Reliability;

/// <summary>A command, one call of which fails, or all such calls from one on.</summary>
/// <param name="Scenario">The command.</param>
/// <param name="Call">The call's name.</param>
/// <param name="Fault">The error's name, or "short" for a write that writes half.</param>
/// <param name="Plan">Where and how it is struck.</param>
internal sealed record FaultTrial(Scenario Scenario, string Call, string Fault, string Plan)
{
    private const string Short = "short";

    /// <summary>All of one command.</summary>
    public static IEnumerable<FaultTrial> Of(Scenario scenario)
    {
        IReadOnlyList<WatchedCall> reads = scenario.Calls("list-reads", scenario.NewFolder());
        foreach (WatchedCall call in scenario.Changes.Concat(reads).Where(call => call.Number > 0))
        {
            string verb = call.Name == "read" ? "fail-reads" : "fail";
            foreach (Fault fault in Reliability.Fault.All.Where(fault => fault.Calls.Contains(call.Name)))
            {
                // A disk that is full may have room again, and may not; who is interrupted is so a few times.
                foreach (int count in fault.Name == Reliability.Fault.Interrupted ? (int[])[1, 3] : [1, 0])
                {
                    yield return new FaultTrial(scenario, call.Name, fault.Name, string.Create(
                        CultureInfo.InvariantCulture, $"{verb}:{fault.Number}:{call.Number}:{count}:{call.Name}"));
                }
            }

            if (call.IsWrite && call.Length > 1)
            {
                yield return new FaultTrial(
                    scenario, call.Name, Short, string.Create(CultureInfo.InvariantCulture, $"{Short}:{call.Number}:write"));
            }
        }
    }

    /// <summary>Makes the trial.</summary>
    /// <param name="tally">Takes what came of it.</param>
    public void Make(Tally tally)
    {
        string folder = Scenario.NewFolder();
        StruckRun run = Scenario.Strike(Plan, folder);
        if (run.Struck is { } struck)
        {
            tally.Add(
                $"{Call}: {Fault}",
                $"{Scenario.Name} {Plan} at {struck}",
                [.. Problems(run, struck, folder), .. new Aftermath(Scenario, folder).Problems(keepsAll: true)]);
        }

        Directory.Delete(Scenario.Watched(folder), recursive: true);
    }

    private IEnumerable<string> Problems(StruckRun run, WatchedCall struck, string folder)
    {
        bool isNothing = Fault is Short or Reliability.Fault.Interrupted;
        if (run.Code == 0)
        {
            if (!Scenario.Left(folder).SequenceEqual(Scenario.Expected))
            {
                yield return "it ended with 0 and is not what it would have been";
            }

            // Pictures of what is saved may be missing, where that is said.
            bool isSaid = (run.Output + run.Error).Contains("could not be written", StringComparison.Ordinal);
            if (struck.Name == "fsync" && !isNothing && !isSaid)
            {
                yield return "it ended with 0, and what it wrote may not be on the disk";
            }
        }
        else if (run.Code is not (1 or 2))
        {
            yield return $"it ended with {run.Code}: {run.Error.Trim()}";
        }
        else if (isNothing)
        {
            yield return $"nothing was wrong, and it ended with {run.Code}: {run.Error.Trim()}";
        }
        else if (!run.Error.Contains(Scenario.Watched(folder), StringComparison.Ordinal)
            || run.Error.Contains("   at ", StringComparison.Ordinal))
        {
            yield return $"it does not say which file: {run.Error.Trim()}";
        }
    }
}
