using System.Diagnostics;
using System.Text;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Live.Serving;

namespace GpuConvnet.Tests.Live;

/// <summary>What becomes of more events than a page can show.</summary>
public class LiveFeedTests
{
    [Fact]
    public async Task OfAThousandEventsASecondTenAreTold()
    {
        using LiveBoard board = new("events", stop: null);
        using CancellationTokenSource end = new();
        LiveFeed feed = new(board, run: null, end.Token);
        long first = feed.Newest.Number;
        Stopwatch clock = Stopwatch.StartNew();
        int events = 0;
        while (clock.ElapsedMilliseconds < 1_000 || events < 1_000)
        {
            board.Say($"event {++events}");
            await Task.Yield();
        }

        long told = feed.Newest.Number - first;
        long tenths = clock.ElapsedMilliseconds / 100;
        Assert.True(events >= 1_000);
        Assert.InRange(told, 1, tenths + 1);

        // None is owed when they have ceased: the newest is told next.
        await end.CancelAsync();
        await feed.Ended;
        Assert.Contains($"event {events}", Encoding.UTF8.GetString(feed.Newest.News), StringComparison.Ordinal);
        Assert.True(feed.Newest.IsLast);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void ACurveKeepsFewPointsThatLieEvenly(int count)
    {
        const int Most = 600;
        LiveSeries series = new(Most);
        for (int point = 0; point < count; point++)
        {
            series.Add(point, 2 * point);
        }

        LiveSeriesPart part = series.Since(null);
        Assert.Equal(count, series.Count);
        Assert.InRange(part.Points.Count, Math.Min(count, Most / 2), Most);
        Assert.Equal(count - 1, part.Last![0]);
        Assert.Single(part.Points.Zip(part.Points.Skip(1), (one, next) => next[0] - one[0]).Distinct());
    }
}
