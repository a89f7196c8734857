namespace GpuConvnet.Kernels.Choosing;

/// <summary>
/// Which of several ways to take a step is the fastest, found by taking steps in turn for a short time. It knows no device: only ways,
/// a clock and how long it may take. The first way is the one to stay with: another wins by being clearly faster, and none does where
/// there was no time to be sure.
/// </summary>
/// <param name="clock">What times.</param>
/// <param name="budget">
/// How long all of it may take. Only what is done for the first time can take longer, and a step that is under way is ended.
/// </param>
internal sealed class StepContest(TimeProvider clock, TimeSpan budget)
{
    /// <summary>Fewer rounds than that decide nothing.</summary>
    public const int LeastRounds = 3;

    // A median of more is no better, and what was planned of the budget is divided by it.
    private const int MostRounds = 9;

    /// <summary>The most of the first way's time that another may take and win: a tie, and what may be noise, changes nothing.</summary>
    public const double WinningShare = 0.95;

    /// <summary>Times the ways.</summary>
    /// <param name="ways">Each takes so many steps and returns when they are done. The first is to win a tie.</param>
    /// <param name="mostSteps">The most steps that a way takes at once.</param>
    /// <returns>Which was the fastest.</returns>
    public StepContestResult Run(IReadOnlyList<Action<int>> ways, int mostSteps)
    {
        long begun = clock.GetTimestamp();
        double slowest = 0;
        double[] once = new double[ways.Count];
        for (int way = 0; way < ways.Count; way++)
        {
            // What a driver does when it is asked for the first time is no part of a step.
            ways[way](1);
            once[way] = SecondsOf(ways[way], 1);
            slowest = Math.Max(slowest, once[way]);
            if (Left() < 0)
            {
                return new StepContestResult(0, once[..(way + 1)], Rounds: 0);
            }
        }

        int steps = (int)Math.Clamp(budget.TotalSeconds / (ways.Count * (MostRounds + 1)) / Math.Max(slowest, 1e-9), 1, mostSteps);
        for (int way = 0; way < ways.Count && steps > 1; way++)
        {
            // So many at once may be recorded when they are asked for first.
            ways[way](steps);
        }

        List<double>[] seconds = [.. ways.Select(_ => new List<double>(MostRounds))];
        for (int round = 0; round < MostRounds && Left() >= ways.Count * steps * slowest; round++)
        {
            // In turn, and back: a clock that rises or a device that warms up favours none.
            for (int place = 0; place < ways.Count; place++)
            {
                int way = round % 2 == 0 ? place : ways.Count - 1 - place;
                seconds[way].Add(SecondsOf(ways[way], steps) / steps);
            }
        }

        int rounds = seconds[0].Count;
        if (rounds < LeastRounds)
        {
            return new StepContestResult(0, once, rounds);
        }

        double[] medians = [.. seconds.Select(Median)];
        int fastest = Array.IndexOf(medians, medians.Min());
        return new StepContestResult(medians[fastest] <= WinningShare * medians[0] ? fastest : 0, medians, rounds);

        double Left() => (budget - clock.GetElapsedTime(begun)).TotalSeconds;
    }

    private double SecondsOf(Action<int> way, int steps)
    {
        long begun = clock.GetTimestamp();
        way(steps);
        return clock.GetElapsedTime(begun).TotalSeconds;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2;
    }
}
