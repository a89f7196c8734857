using System.Globalization;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Report;
using OpenQA.Selenium;
using OpenQA.Selenium.Interactions;

namespace GpuConvnet.Tests.Live;

/// <summary>The live page in a browser, beside trainings that go on.</summary>
public sealed class LivePageTests : IDisposable
{
    private const string Kernels =
        "return [...document.querySelectorAll('#kernels canvas')].map((canvas) => canvas.toDataURL()).join()";

    private const string TestCurve = "document.querySelector('#errors path.test').getAttribute('d')";

    private static readonly string? s_screenshots = Environment.GetEnvironmentVariable("GPUCONVNET_SCREENSHOTS");

    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void Curves_grow_kernels_change_and_stop_keeps_what_is_done()
    {
        string run = _scratch.In("run");
        using LiveProgram program = LiveProgram.Start("--config", Long(), "--out", run, "--live");
        using Browser browser = Browser.Open(program.Address);

        browser.Until("live.detail()?.evaluations.points.length > 2 && live.steps() > 0");
        long evaluations = browser.Evaluate<long>("return live.detail().evaluations.total");
        string kernels = browser.Evaluate<string>(Kernels);
        string curve = browser.Evaluate<string>($"return {TestCurve}");
        Assert.Equal(12, browser["kernels"].FindElements(By.TagName("canvas")).Count);
        Assert.Equal(73, browser.Evaluate<long>("return document.getElementById('connections').width"));

        browser.Until($"live.detail().evaluations.total > {evaluations}");
        browser.Until($"(() => {{ {Kernels} }})() !== {JsonValue.Create(kernels)!.ToJsonString()}");
        browser.Until($"{TestCurve} !== '{curve}'");

        // Mistakes and the gradient's norm are found beside the training, and digits to try are there.
        browser.Until("document.querySelectorAll('#mistakes canvas').length > 0 && live.detail().gradientNorms.points.length > 0");
        Assert.Equal(50, browser["samples"].FindElements(By.TagName("button")).Count);
        Assert.StartsWith("The network reads", browser["verdict"].Text, StringComparison.Ordinal);

        browser["stop"].Click();
        Assert.Equal(130, program.Wait());
        browser.Until("document.getElementById('status').textContent.includes('This page keeps what it shows')");
        Assert.Equal(
            (long)JsonNode.Parse(File.ReadAllText(Path.Combine(run, "result.json")))!["steps"]!, browser.Evaluate<long>("return live.steps()"));
        Assert.True(File.Exists(Path.Combine(run, "model.safetensors")));

        // The pad goes on without the trainer.
        browser["samples"].FindElements(By.TagName("button"))[3].Click();
        Assert.StartsWith("The network reads", browser["verdict"].Text, StringComparison.Ordinal);
        browser["clear"].Click();
        browser.Until("!document.getElementById('verdict').textContent.startsWith('The network reads')");
        new Actions(browser.Page).MoveToElement(browser["pad"], 0, -60).ClickAndHold().MoveByOffset(0, 120).Release().Perform();
        browser.Until("document.getElementById('verdict').textContent.startsWith('The network reads')");
        Assert.False(browser["stop"].Enabled);
        Assert.Empty(browser.Complaints());
    }

    [Fact]
    public void A_training_is_paused_and_goes_on_by_the_keyboard()
    {
        using LiveProgram program = LiveProgram.Start("--config", Long(), "--live");
        using Browser browser = Browser.Open(program.Address);
        browser.Until("live.detail()?.steps > 0 && !document.getElementById('pause').disabled");

        Actions actions = new(browser.Page);
        for (int presses = 0; presses < 5 && browser.Page.SwitchTo().ActiveElement().GetAttribute("id") != "pause"; presses++)
        {
            actions.SendKeys(Keys.Tab).Perform();
        }

        Assert.Equal("pause", browser.Page.SwitchTo().ActiveElement().GetAttribute("id"));
        actions.SendKeys(" ").Perform();
        browser.Until("document.getElementById('pause').textContent === 'Go on'");
        long steps = StandingStill(browser);
        browser.Until($"live.steps() === {steps}");

        actions.SendKeys(" ").Perform();
        browser.Until($"live.detail().steps > {steps}");
        Assert.Equal("Pause", browser["pause"].Text);
        Assert.Empty(browser.Complaints());
    }

    [Theory]
    [InlineData(360, false)]
    [InlineData(360, true)]
    [InlineData(1400, false)]
    [InlineData(1400, true)]
    public void It_fits_its_window_and_everything_has_a_name(int width, bool isDark)
    {
        using LiveProgram program = LiveProgram.Start(Shown());
        program.Command("/pause").Dispose();
        using Browser browser = Browser.Open(program.Address, width, isDark);
        program.Command("/resume").Dispose();
        browser.Until("live.detail()?.evaluations.points.length > 4 && document.querySelectorAll('#mistakes canvas').length > 0");
        browser.Until($"live.detail().gradientNorms.points.length > 0 && live.detail().evaluations.points.length > {(s_screenshots is null ? 0 : 23)}");

        Assert.InRange(browser.Evaluate<long>("return document.documentElement.scrollWidth"), 1, width);
        Assert.Empty(PageChecks.Nameless(browser));
        Assert.Equal(isDark ? "dark" : "light", browser.Evaluate<string>("return document.documentElement.dataset.theme"));
        Assert.Empty(PageChecks.TooFaint(browser));
        if (s_screenshots is { } folder)
        {
            File.WriteAllBytes(Path.Combine(folder, $"live-{width}-{(isDark ? "dark" : "light")}.png"), browser.Screenshot());
        }

        Assert.Empty(browser.Complaints());
    }

    [Theory]
    [InlineData(""" { "family": "vit", "depth": 1 } """)]
    [InlineData(""" { "layers": [ { "kind": "dense", "units": 20 }, { "kind": "activation", "function": "relu" }, { "kind": "dense", "units": 10 } ] } """)]
    public void It_shows_any_network(string network)
    {
        using LiveProgram program = LiveProgram.Start("--config", Long(JsonNode.Parse(network)), "-a", "host", "--live");
        using Browser browser = Browser.Open(program.Address);

        browser.Until("live.steps() > 0 && document.getElementById('verdict').textContent.startsWith('The network reads')");
        Assert.False(browser["kernels-section"].Displayed);
        Assert.NotEmpty(browser["units"].FindElements(By.TagName("canvas")));
        Assert.Empty(browser.Complaints());
    }

    [Fact]
    public void Several_runs_are_a_table_with_curves_of_which_one_is_chosen()
    {
        using LiveProgram program = LiveProgram.Start("--config", Long(), "--runs", "3", "--live");
        using Browser browser = Browser.Open(program.Address);
        browser.Until("document.querySelectorAll('#runs .sketch path').length > 1");

        // More run than there are cores: the others wait.
        IWebElement second = browser["runs"].FindElements(By.TagName("button"))[1];
        Assert.Contains(", seed ", second.Text, StringComparison.Ordinal);
        second.Click();
        browser.Until("live.run().run === 1 && live.detail()?.evaluations.points.length > 1 && live.steps() > 0");
        Assert.Equal("true", second.GetAttribute("aria-pressed"));
        Assert.Empty(browser.Complaints());
    }

    /// <summary>Its names are long: the table scrolls in its place, and the page does not.</summary>
    [Theory]
    [InlineData(360)]
    [InlineData(1400)]
    public void A_sweep_is_a_table_with_curves_while_it_trains(int width)
    {
        using LiveProgram program = LiveProgram.Start(
            "sweep", "--config", Long(), "--validation", "100", "--runs", "2", "--set", "optimizer.learningRate=0.001,0.002",
            "--jobs", "2", "--live");
        using Browser browser = Browser.Open(program.Address, width);
        browser.Until("document.querySelectorAll('#runs .sketch path').length === 2");
        IWebElement[] runs = [.. browser["runs"].FindElements(By.TagName("button"))];
        Assert.Equal(["optimizer.learningRate=0.001 seed=1337", "optimizer.learningRate=0.001 seed=1338"], runs.Select(run => run.Text).Order());
        Assert.InRange(browser.Evaluate<long>("return document.documentElement.scrollWidth"), 1, width);

        foreach (IWebElement run in runs)
        {
            run.Click();
            browser.Until($"live.run().name === '{run.Text}' && live.steps() > 0 && document.querySelector('#errors path.sample')");
            Assert.Equal("true", run.GetAttribute("aria-pressed"));
        }

        Assert.Equal("validation misses", browser["tested-heading"].Text);
        Assert.Empty(PageChecks.Nameless(browser));
        Assert.Empty(PageChecks.TooFaint(browser));
        if (s_screenshots is { } folder)
        {
            File.WriteAllBytes(Path.Combine(folder, $"live-sweep-{width}.png"), browser.Screenshot());
        }

        Assert.Empty(browser.Complaints());
    }

    [Fact]
    public void A_watched_sweep_is_a_table_of_what_is_finished()
    {
        string[] sweep =
        [
            "sweep", "--config", _scratch.Config, "--validation", "100", "--runs", "2", "--set", "optimizer.learningRate=0.01,0.03",
            "--out", _scratch.In("rates"),
        ];
        Assert.Equal(0, CommandRun.Of(sweep).Code);
        using LiveProgram program = LiveProgram.Start("watch", _scratch.In("rates"));
        using Browser browser = Browser.Open(program.Address);

        browser.Until("document.querySelectorAll('#runs tr').length === 4 && live.detail()");
        Assert.Contains("4 of 4 runs of this sweep are finished", browser["status"].Text, StringComparison.Ordinal);
        Assert.Contains("seed=1338", browser["runs"].Text, StringComparison.Ordinal);
        Assert.StartsWith("The networks of a sweep are not kept", browser["pad-note"].Text, StringComparison.Ordinal);
        Assert.False(browser["draw"].Displayed);
        Assert.Empty(PageChecks.Nameless(browser));
        if (s_screenshots is { } folder)
        {
            File.WriteAllBytes(Path.Combine(folder, "live-watched-sweep.png"), browser.Screenshot());
        }

        Assert.Empty(browser.Complaints());
    }

    /// <summary>What is asked for takes its time: whoever changes their mind meanwhile is shown what they chose last.</summary>
    [Fact]
    public async Task The_run_that_was_chosen_last_is_shown_whatever_comes_late()
    {
        foreach (string seed in (string[])["1", "2", "3"])
        {
            Assert.Equal(0, CommandRun.Of(
                "--config", _scratch.Config, "--out", _scratch.In("runs", seed), "--seed", seed, "--no-report").Code);
        }

        using LiveProgram program = LiveProgram.Start("watch", _scratch.In("runs"));
        using Browser browser = Browser.Open(program.Address);
        browser.Until("document.querySelectorAll('#runs button').length === 3 && live.steps() > 0");

        // The first answer comes last of all; the network of the second while the third is asked for.
        browser.Evaluate<object?>("""
            const own = fetch;
            const late = { "run?run=0": 900, "run?run=1": 300, "parameters?run=1": 600 };
            globalThis.fetch = async (path, options) => {
              const answer = await own(path, options);
              const slow = Object.keys(late).find((beginning) => path.startsWith(beginning));
              await new Promise((done) => setTimeout(done, slow ? late[slow] : 0));
              return answer;
            };
            const [first, second, third] = document.querySelectorAll("#runs button");
            globalThis.looked = [];
            first.click();
            second.click();
            setTimeout(() => third.click(), 500);
            setTimeout(() => (globalThis.isLate = true), 1600);
            """);
        browser.Until("globalThis.isLate && live.run().run === 2 && live.detail()?.evaluations.points.length > 1");
        string own = Convert.ToBase64String(
            await program.Client.GetByteArrayAsync(program.WithToken("/parameters?run=2"), TestContext.Current.CancellationToken));
        browser.Until("live.steps() > 0");
        Assert.Equal(own, browser.Evaluate<string>(
            "return btoa(String.fromCharCode(...new Uint8Array(live.network().parameters.buffer)))"));
        Assert.Equal("2", browser.Evaluate<string>("return String([...document.querySelectorAll('#runs button')].findIndex((each) => each.ariaPressed === 'true'))"));
        Assert.Empty(browser.Complaints());
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Waits until the page tells of no steps any more.</summary>
    private static long StandingStill(Browser browser)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(20);
        long before;
        long now = browser.Evaluate<long>("return live.detail().steps");
        do
        {
            Assert.True(DateTime.UtcNow < end, "It goes on.");
            before = now;
            Thread.Sleep(400);
            now = browser.Evaluate<long>("return live.detail().steps");
        }
        while (now != before);

        return now;
    }

    private string Long(JsonNode? network = null)
    {
        JsonObject configuration = new()
        {
            ["experiment"] = "long",
            ["dataset"] = "builtin",
            ["train"] = 1000,
            ["test"] = 100,
            ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = network is null ? 0.001 : 0.01 },
            ["passes"] = 100_000,
        };
        if (network is not null)
        {
            configuration["network"] = network;
            configuration["batch"] = 10;
        }

        return _scratch.Write($"{Guid.NewGuid():N}.json", configuration);
    }

    /// <summary>What pictures are made of: the article's own digits, slowed down, where they are at hand.</summary>
    private string[] Shown() => s_screenshots is null
        ? ["--config", Long(), "--no-save", "--live"]
        : ["--config", "1989-base", "--out", _scratch.In(Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)), "--passes", "60", "--live"];
}
