using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Studies.Scaling;

namespace GpuConvnet.Tests.Scaling;

public sealed class ScalingFitTests
{
    [Fact]
    public void Laws_go_through_one_number_of_digits_one_width_and_the_frontier()
    {
        // error = 1000 parameters^-0.5 digits^-0.25; compute grows with both.
        ScalingPoint[] points =
        [
            .. from width in new[] { 1.0, 2, 4 }
               from digits in new[] { 100, 200, 400 }
               select Point(width, digits, 1_000 * Math.Pow(100 * width, -0.5) * Math.Pow(digits, -0.25)),
        ];

        ScalingFit[] fits = ScalingFit.All(points);

        Assert.Equal(
            [
                ("parameters", "100 digits"), ("parameters", "200 digits"), ("parameters", "400 digits"),
                ("digits", "width 1"), ("digits", "width 2"), ("digits", "width 4"), ("compute", "the best for their compute"),
            ],
            fits.Select(fit => (fit.Against, fit.Of)));
        Assert.All(fits[..3], fit => Assert.Equal(0.5, fit.Law.B, 1e-9));
        Assert.All(fits[3..6], fit => Assert.Equal(0.25, fit.Law.B, 1e-9));
        Assert.InRange(fits[6].Law.B, 0.25, 0.5);
    }

    [Fact]
    public void The_frontier_leaves_out_what_a_cheaper_network_does_as_well()
    {
        ScalingPoint[] points = [Point(1, 400, 5), Point(1, 100, 9), Point(2, 100, 9), Point(4, 100, 7), Point(1, 200, 8), Diverged(8, 100)];

        Assert.Equal([(1.0, 100), (1, 200), (1, 400)], ScalingFit.Frontier(points).Select(point => (point.Width, point.Digits)));
    }

    [Fact]
    public void Points_without_an_error_are_counted()
    {
        ScalingFit fit = ScalingFit.All([Point(1, 100, 4), Point(2, 100, 2), Point(4, 100, 0), Diverged(8, 100)])
            .Single(each => each.Against == "parameters");

        Assert.Equal((2, 2), (fit.Law.Points, fit.LeftOut));
        Assert.Equal(1, fit.Law.B, 1e-9);
    }

    private static ScalingPoint Diverged(double width, int digits) => Point(width, digits, 1) with { ErrorPercent = null };

    private static ScalingPoint Point(double width, int digits, double error) => new()
    {
        Width = width,
        Parameters = (int)(100 * width),
        Operations = (int)(100 * width),
        Digits = digits,
        Compute = 100 * width * digits,
        Seeds = [1],
        ErrorPercent = Statistic.Of([error]),
        Seconds = Statistic.Of([1]),
    };
}
