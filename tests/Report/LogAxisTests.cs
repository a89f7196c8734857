using GpuConvnet.Trainer.Views.Report;
using ScottPlot;

namespace GpuConvnet.Tests.Report;

public sealed class LogAxisTests
{
    [Theory]
    [InlineData(4.9, 17, new[] { 2.0, 5, 10, 20 })]
    [InlineData(5, 20, new[] { 5.0, 10, 20 })]
    [InlineData(0.6, 0.7, new[] { 0.5, 1 })]
    [InlineData(0.02, 90, new[] { 0.01, 0.1, 1, 10, 100 })]
    public void Steps_enclose_all_values(double least, double most, double[] expected)
    {
        double[] steps = LogAxis.Steps(least, most);

        Assert.Equal(expected.Length, steps.Length);
        Assert.All(expected.Zip(steps), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void Between_named_ticks_every_digit_has_one()
    {
        Tick[] ticks = LogAxis.RoundTicks(4.9, 17, "0.####");

        Assert.Equal(["2", "5", "10", "20"], ticks.Where(tick => tick.IsMajor).Select(tick => tick.Label));
        Assert.Contains(ticks, tick => !tick.IsMajor && Math.Abs(tick.Position - Math.Log10(6)) < 1e-12);
    }
}
