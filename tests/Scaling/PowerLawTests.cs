using GpuConvnet.Trainer.Studies.Scaling;

namespace GpuConvnet.Tests.Scaling;

public sealed class PowerLawTests
{
    [Fact]
    public void Exact_points_give_their_law_without_an_error()
    {
        PowerLaw law = PowerLaw.Fit(new[] { 10.0, 100, 5_000, 1e9 }.Select(x => (x, 3 * Math.Pow(x, -0.4))))!;

        Assert.Equal(3, law.A, 1e-9);
        Assert.Equal(0.4, law.B, 1e-12);
        Assert.Equal(0, law.StandardError!.Value, 1e-12);
        Assert.Equal(4, law.Points);
        Assert.Equal(Math.Pow(2, -0.4), law.PerDoubling, 1e-12);
        Assert.Equal(3 * Math.Pow(64, -0.4), law.At(64), 1e-9);
    }

    [Fact]
    public void The_standard_error_is_that_of_the_slope()
    {
        // ln x = 0, 1, 2 and ln y = 0, 1, 0: the slope is 0, the residuals are -1/3, 2/3, -1/3, and Suu is 2.
        PowerLaw law = PowerLaw.Fit([(1, 1), (Math.E, Math.E), (Math.E * Math.E, 1)])!;

        Assert.Equal(0, law.B, 1e-12);
        Assert.Equal(Math.Exp(1.0 / 3), law.A, 1e-12);
        Assert.Equal(Math.Sqrt(6.0 / 9 / 2), law.StandardError!.Value, 1e-12);
    }

    [Fact]
    public void Two_points_leave_no_error_to_judge_by() => Assert.Null(PowerLaw.Fit([(1, 1), (2, 0.5)])!.StandardError);

    [Fact]
    public void A_point_without_an_error_is_passed_over()
    {
        PowerLaw law = PowerLaw.Fit([(1, 8), (2, 4), (4, 0), (8, 1)])!;

        Assert.Equal((1, 3), (Math.Round(law.B, 12), law.Points));
    }

    [Fact]
    public void One_place_has_no_law()
    {
        Assert.Null(PowerLaw.Fit([(2, 4), (2, 5)]));
        Assert.Null(PowerLaw.Fit([(2, 4), (4, 0)]));
        Assert.Null(PowerLaw.Fit([]));
    }
}
