using GpuConvnet.Kernels.Choosing;

namespace GpuConvnet.Tests.Choosing;

/// <summary>Which of several ways to take a step is the fastest, by a clock that tests set.</summary>
public sealed class StepContestTests
{
    private const double Budget = 0.1;

    private readonly SteppedClock _clock = new();
    private readonly List<(int Way, int Steps)> _taken = [];

    [Theory]
    [InlineData(100e-6, 61e-6, 1)]
    [InlineData(100e-6, 94e-6, 1)]
    [InlineData(100e-6, 96e-6, 0)]
    [InlineData(100e-6, 100e-6, 0)]
    [InlineData(61e-6, 100e-6, 0)]
    [InlineData(1e-3, 0.5e-3, 1)]
    public void AnotherThanTheFirstWinsByBeingClearlyFaster(double first, double second, int winner)
    {
        StepContestResult result = Run(Steady(first), Steady(second));

        Assert.Equal(winner, result.Winner);
        Assert.Equal(first, result.Seconds[0], 1e-9);
        Assert.Equal(second, result.Seconds[1], 1e-9);
        Assert.InRange(result.Rounds, StepContest.LeastRounds, 100);
    }

    [Fact]
    public void OfSeveralTheFastestWins() =>
        Assert.Equal(2, Run(Steady(100e-6), Steady(80e-6), Steady(70e-6), Steady(90e-6)).Winner);

    /// <summary>Ways in turn, and back, so many steps at a time that all rounds together fit in.</summary>
    [Fact]
    public void TheyTakeStepsInTurn()
    {
        StepContestResult result = Run(Steady(200e-6), Steady(100e-6));

        Assert.Equal([(0, 1), (0, 1), (1, 1), (1, 1)], _taken[..4]);
        int steps = _taken[4].Steps;
        Assert.Equal((int)(Budget / 20 / 200e-6), steps);
        Assert.Equal([(0, steps), (1, steps)], _taken[4..6]);
        for (int round = 0; round < result.Rounds; round++)
        {
            int first = round % 2;
            Assert.Equal([(first, steps), (1 - first, steps)], _taken[(6 + 2 * round)..(8 + 2 * round)]);
        }

        Assert.Equal(6 + 2 * result.Rounds, _taken.Count);
    }

    [Theory]
    [InlineData(1e-6, 2e-6)]
    [InlineData(97e-6, 61e-6)]
    [InlineData(1e-3, 2e-3)]
    [InlineData(5e-3, 5e-3)]
    [InlineData(11e-3, 9e-3)]
    [InlineData(0.02, 0.03)]
    [InlineData(0.2, 0.1)]
    public void ItTakesNoLongerThanItMayButForAStepThatIsUnderWay(double first, double second)
    {
        Run(Steady(first), Steady(second));

        Assert.InRange(_clock.Seconds, 0, Budget + 2 * Math.Max(first, second));
    }

    [Theory]
    [InlineData(0.02, 0.005)]
    [InlineData(0.03, 0.001)]
    [InlineData(1, 0.001)]
    public void WithoutTimeToBeSureTheFirstStays(double first, double second)
    {
        StepContestResult result = Run(Steady(first), Steady(second));

        Assert.Equal(0, result.Winner);
        Assert.True(result.Rounds < StepContest.LeastRounds);
        Assert.Equal(first, result.Seconds[0], 1e-9);
    }

    /// <summary>A driver loads what it is asked for first, and records what it has not recorded.</summary>
    [Fact]
    public void WhatTakesLongForTheFirstTimeIsNotTimed()
    {
        HashSet<int> known = [];
        StepContestResult result = Run(
            Steady(100e-6), steps => (known.Add(steps) ? 0.01 : 0) + steps * 60e-6);

        Assert.Equal(1, result.Winner);
        Assert.Equal(60e-6, result.Seconds[1], 1e-9);
    }

    [Fact]
    public void WhatDisturbsFewOfTheRoundsDecidesNothing()
    {
        int asked = 0;
        StepContestResult result = Run(Steady(100e-6), steps => steps * (++asked % 3 == 0 ? 900e-6 : 60e-6));

        Assert.Equal(1, result.Winner);
        Assert.Equal(60e-6, result.Seconds[1], 1e-9);
    }

    /// <summary>A device whose clock rises while it warms up does not favour who comes later.</summary>
    [Fact]
    public void ADriftChangesNothingBetweenEquals()
    {
        int asked = 0;
        double Rising(int steps) => steps * 100e-6 * Math.Pow(0.985, asked++);

        Assert.Equal(0, Run(Rising, Rising).Winner);
    }

    [Fact]
    public void AWayTakesNoMoreStepsAtOnceThanItCan()
    {
        _ = new StepContest(_clock, TimeSpan.FromSeconds(Budget)).Run([Way(0, Steady(1e-6)), Way(1, Steady(1e-6))], mostSteps: 32);

        Assert.Equal(32, _taken.Max(taken => taken.Steps));
    }

    private static Func<int, double> Steady(double seconds) => steps => steps * seconds;

    private StepContestResult Run(params Func<int, double>[] ways) => new StepContest(_clock, TimeSpan.FromSeconds(Budget)).Run(
        [.. ways.Select((seconds, way) => Way(way, seconds))], mostSteps: 1000);

    private Action<int> Way(int way, Func<int, double> seconds) => steps =>
    {
        _taken.Add((way, steps));
        _clock.Pass(seconds(steps));
    };
}
