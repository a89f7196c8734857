using System.Net;
using GpuConvnet.Tests.Report;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Live.Serving;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using OpenQA.Selenium;

namespace GpuConvnet.Tests.Live;

/// <summary>The live page in a browser, beside a run of which the test itself says how far it is.</summary>
public sealed class LivePageOnBoardTests : IDisposable
{
    private readonly ExperimentConfiguration _configuration = ConfigurationFile.Load("1989-base");
    private readonly LiveBoard _board = new("a test", stop: () => { });
    private readonly LiveRun _run;
    private readonly LiveServer _server;

    public LivePageOnBoardTests()
    {
        Lazy<LiveDigits> none = new(new LiveDigits(null, null, "none"));
        _run = _board.Add(new LiveRunOrder("the run", _configuration, none) { Cores = 1 });
        _run.Show(steps: 0, _configuration.DrawParameters());
        _server = new LiveServer(_board, new LiveRequest(0, IPAddress.Loopback));
    }

    [Fact]
    public void Tiles_say_what_the_trainer_says()
    {
        using Browser browser = Browser.Open(_server.Address);
        browser.Until("live.steps() === 0");
        Assert.Equal(["pass: 1 of 23", "test misses:"], Tiles(browser)[..2]);

        // 7,291 steps a pass; two seconds apart, of 1,000 each.
        _run.Evaluated(14_582, Entry(pass: 2, trainMisses: 1_234, testMisses: 56), _configuration.DrawParameters());
        _run.GradientNorms.Add(2, 0.0625);
        _run.Trained(15_000, seconds: 10, trainer: null);
        browser.Until("live.detail().steps === 15000");
        _run.Trained(17_000, seconds: 12, trainer: null);
        browser.Until("live.detail().steps === 17000");
        Assert.Equal(
            [
                "pass: 3 of 23", "test misses: 56 of 2,007", "training misses: 1,234 of 7,291", "learning rate: 0.03", "gradient norm: 0.0625",
                "speed: 1,000 examples/s", "time left: 3 min",
            ],
            Tiles(browser));

        _board.Pause();
        browser.Until("live.state().state === 'Paused'");
        Assert.Equal(["speed:", "time left: paused"], Tiles(browser)[^2..]);

        _board.GoOn();
        _run.Trained(23 * 7_291, seconds: 200, trainer: null);
        _run.End(LiveState.Finished);
        browser.Until("live.detail().steps === 23 * 7291");
        Assert.Equal("pass: 23 of 23", Tiles(browser)[0]);
        Assert.Equal(["speed:", "time left: 0 s"], Tiles(browser)[^2..]);
        Assert.Empty(browser.Complaints());
    }

    [Fact]
    public void A_page_that_is_hidden_asks_for_nothing_until_it_is_seen_again()
    {
        // One of its own: it is minimised.
        using Browser browser = Browser.Open(_server.Address, width: 1200, isDark: false, "--window-size=1200,900");
        browser.Until("live.steps() === 0");
        Assert.True(_run.IsWatched);
        browser.Evaluate<object?>(
            "const own = fetch; globalThis.asked = 0; globalThis.fetch = (...all) => { globalThis.asked++; return own(...all); };");
        browser.Page.Manage().Window.Minimize();
        browser.Until("document.hidden");
        Assert.True(SpinWait.SpinUntil(() => _server.Listeners == 0, TimeSpan.FromSeconds(10)));
        Assert.False(_run.IsWatched);

        // Each of these would be an event, and a network to fetch.
        for (int pass = 1; pass <= 10; pass++)
        {
            _run.Evaluated(pass * 7_291, Entry(pass, trainMisses: 100, testMisses: 50), _configuration.DrawParameters());
            Thread.Sleep(100);
        }

        Assert.Equal((0, 0, 0), (_server.Listeners, browser.Evaluate<long>("return asked"), browser.Evaluate<long>("return live.detail().steps")));

        browser.Page.Manage().Window.Size = new(1200, 900);
        browser.Until("live.detail().steps === 10 * 7291 && live.steps() === 10 * 7291");
        Assert.Equal((1, true), (_server.Listeners, _run.IsWatched));
        Assert.Empty(browser.Complaints());
    }

    public void Dispose()
    {
        _server.Dispose();
        _board.Dispose();
    }

    private static string[] Tiles(Browser browser) =>
        [.. browser["tiles"].FindElements(By.TagName("div")).Select(tile =>
            string.Join(": ", tile.FindElements(By.CssSelector("dt, dd")).Select(part => part.Text)).TrimEnd())];

    private static HistoryEntry Entry(int pass, int trainMisses, int testMisses) => new()
    {
        Pass = pass,
        Train = new RunEvaluation(7_291, 0.01, 100.0 * trainMisses / 7_291, trainMisses),
        Test = new RunEvaluation(2_007, 0.02, 100.0 * testMisses / 2_007, testMisses),
        Seconds = pass,
    };
}
