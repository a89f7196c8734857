using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Studies.Sweep;

namespace GpuConvnet.Tests.Sweep;

/// <summary>Which point is better.</summary>
public sealed class SweepStandingTests
{
    [Fact]
    public void Points_are_ordered_by_their_mean_validation_misses()
    {
        SweepStanding[] order = SweepStanding.Order([Run(1, 1, 9), Run(2, 1, 2), Run(1, 2, 3), Run(2, 2, 12), Run(3, 1, 5), Run(3, 2, 4)]);

        Assert.Equal([(1, 3, 4.5), (2, 1, 6), (3, 2, 7)], order.Select(point => (point.Rank, point.Point, point.ValidationMisses!.Mean)));
        Assert.Equal(new Statistic(6, Math.Sqrt(18), 3, 9), order[1].ValidationMisses);
        Assert.Equal([1u, 2u], order[1].Runs.Select(run => run.Seed));
    }

    [Fact]
    public void The_loss_decides_between_as_many_misses_and_the_number_between_equals() => Assert.Equal(
        [3, 1, 2],
        SweepStanding.Order([Run(2, 1, 5, loss: 0.2), Run(1, 1, 5, loss: 0.2), Run(3, 1, 5, loss: 0.1)]).Select(point => point.Point));

    [Fact]
    public void A_point_that_diverged_once_comes_after_those_that_did_not_and_one_that_always_did_last()
    {
        SweepStanding[] order = SweepStanding.Order(
            [Diverged(1, 1), Diverged(1, 2), Run(2, 1, 1), Diverged(2, 2), Run(3, 1, 50), Run(3, 2, 60)]);

        Assert.Equal([3, 2, 1], order.Select(point => point.Point));
        Assert.Equal([0, 1, 2], order.Select(point => point.Diverged));
        Assert.Equal(1, order[1].ValidationMisses!.Mean);
        Assert.Null(order[2].ValidationMisses);
    }

    [Fact]
    public void A_point_with_more_seeds_comes_before_one_with_fewer() => Assert.Equal(
        [2, 1], SweepStanding.Order([Run(1, 1, 3), Run(2, 1, 8), Run(2, 2, 8)]).Select(point => point.Point));

    [Fact]
    public void The_table_has_a_line_a_point_and_empty_cells_where_every_run_diverged()
    {
        string[] lines = SweepTable.Csv(SweepStanding.Order([Run(1, 1, 3), Diverged(2, 1)]), ["a.b", "c"]).TrimEnd('\n').Split('\n');

        Assert.Equal(3, lines.Length);
        Assert.StartsWith("rank,point,a.b,c,runs,diverged,validationMissesMean,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("1,1,0.5,\"x,\"\"y\"\"\",1,0,3,0,3,3,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("2,2,0.5,\"x,\"\"y\"\"\",1,1,,,,,,,", lines[2], StringComparison.Ordinal);
        Assert.All(lines.Select(line => line.Replace("\"x,", "", StringComparison.Ordinal)), line =>
            Assert.Equal(13, line.Split(',').Length));
    }

    [Fact]
    public void The_printed_table_ends_after_twenty_points_and_says_so()
    {
        SweepStanding[] order = SweepStanding.Order(Enumerable.Range(1, 23).Select(point => Run(point, 1, point)));

        string[] lines = [.. SweepTable.Lines(order)];

        Assert.Equal(22, lines.Length);
        Assert.Contains("and 3 more points", lines[^1], StringComparison.Ordinal);
    }

    private static SweepRun Run(int point, uint seed, int misses, double loss = 0.1) => Diverged(point, seed) with
    {
        Diverged = false,
        Train = new RunEvaluation(200, loss, 1, 2),
        Validation = new RunEvaluation(100, loss, misses, misses),
    };

    private static SweepRun Diverged(int point, uint seed) => new()
    {
        Point = point,
        Settings = new() { ["a.b"] = 0.5, ["c"] = "x,\"y\"" },
        Seed = seed,
        Seconds = 1,
        Diverged = true,
    };
}
