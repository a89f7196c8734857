using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Tests.Results;

public sealed class StatisticTests
{
    [Fact]
    public void The_deviation_is_that_of_a_sample()
    {
        Statistic statistic = Statistic.Of([2, 4, 4, 4, 5, 5, 7, 9]);

        Assert.Equal(5, statistic.Mean);
        Assert.Equal(Math.Sqrt(32.0 / 7), statistic.Sd, 12);
        Assert.Equal(2, statistic.Min);
        Assert.Equal(9, statistic.Max);
    }

    [Fact]
    public void A_single_run_does_not_deviate() => Assert.Equal(new Statistic(82, 0, 82, 82), Statistic.Of([82]));
}
