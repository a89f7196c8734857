using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model;
using GpuConvnet.Model.Simd;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using OpenQA.Selenium;
using OpenQA.Selenium.Interactions;

namespace GpuConvnet.Tests.Report;

/// <summary>The page in a browser: what it computes, how it is used, and that it keeps to itself.</summary>
public sealed class ReportPageTests : IDisposable
{
    private const int PadSize = 280;
    private const int LargestPage = 1_500_000;

    private readonly ScratchExperiment _scratch = new();

    [Theory]
    [InlineData("tanh", "tanh", "mse", false)]
    [InlineData("relu", "linear", "crossEntropy", false)]
    [InlineData("scaledTanh", "scaledTanh", "mse", true)]
    [InlineData("gelu", "linear", "mse", false)]
    public void Its_outputs_are_those_of_the_reference_path(string hidden, string output, string loss, bool hasOwnTable)
    {
        JsonObject configuration = Configuration(passes: 2, train: 300);
        configuration["hidden"] = hidden;
        configuration["output"] = output;
        configuration["loss"] = loss;
        if (hasOwnTable)
        {
            configuration["connections"] = new JsonArray([.. Enumerable.Range(0, 12).Select(map =>
                (JsonNode)new JsonArray([.. Enumerable.Range(0, 8).Select(source => (JsonNode)((map + 11 * source) % 12))]))]);
        }

        string run = Train(configuration);
        (SimdNetwork network, Examples test) = Load(run);
        using (network)
        using (Browser browser = Browser.Open(Path.Combine(run, "report.html")))
        {
            int samples = (int)browser.Evaluate<long>("return report.data.runs[0].samples.length");
            Assert.Equal(50, samples);
            float[] expected = new float[Shape1989.Outputs];
            for (int index = 0; index < samples; index++)
            {
                network.Outputs(test.Image(index), expected);
                float[] found = browser.Numbers(
                    "return [...report.networks[0].forward(report.floats(report.data.runs[0].samples[arguments[0]].pixels)).outputs]",
                    index);
                Assert.All(found.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
            }

            Assert.Empty(browser.Complaints());
        }
    }

    [Theory]
    [InlineData(""" { "family": "1989", "width": 0.5 } """, 3)]
    [InlineData("""
        { "layers": [ { "kind": "convolution", "maps": 4, "kernel": 5, "stride": 2, "padding": 2, "paddingValue": -1 },
          { "kind": "activation", "function": "gelu" }, { "kind": "dropout", "probability": 0.1 },
          { "kind": "convolution", "maps": 3, "kernel": 3, "bias": "unit", "connections": [[0, 3], [1, 2], [2, 0]] },
          { "kind": "dense", "units": 17 }, { "kind": "activation", "function": "tanh" }, { "kind": "dense", "units": 10 } ] }
        """, 3)]
    [InlineData(""" { "layers": [ { "kind": "dense", "units": 10 } ] } """, 0)]
    [InlineData(""" { "family": "lenet5" } """, 5)]
    [InlineData(""" { "family": "vit", "depth": 2 } """, 5)]
    public void The_page_runs_any_network(string network, int figures)
    {
        JsonObject configuration = Configuration(passes: 2, train: 300);
        configuration["network"] = JsonNode.Parse(network);
        using Browser browser = Browser.Open(Path.Combine(Train(configuration, "-a", "host"), "report.html"));

        Assert.Equal(figures, browser["units"].FindElements(By.TagName("figure")).Count);
        Assert.Equal(network.Contains("convolution", StringComparison.Ordinal) || !network.Contains("layers", StringComparison.Ordinal)
            && !network.Contains("vit", StringComparison.Ordinal), browser["kernels-section"].Displayed);
        float worst = browser.Numbers("""
            return report.data.runs[0].samples.flatMap((one) => {
              const { outputs } = report.networks[0].forward(report.floats(one.pixels));
              return one.outputs.map((expected, unit) => Math.abs(expected - outputs[unit]));
            });
            """).Max();
        Assert.InRange(worst, 0, 1e-4f);
        Assert.Empty(browser.Complaints());
    }

    [Fact]
    public void What_is_drawn_is_classified()
    {
        using Browser browser = Browser.Open(Path.Combine(Train(Configuration(passes: 8, train: 7_291)), "report.html"));

        Draw(browser, [(150, 40), (140, 240)]);
        Assert.StartsWith("The network reads 1", browser["verdict"].Text, StringComparison.Ordinal);

        browser["clear"].Click();
        Assert.Equal("Nothing is drawn yet.", browser["verdict"].Text);
        Draw(browser, [.. Enumerable.Range(0, 33).Select(step => (
            (int)(140 + 60 * Math.Sin(step * Math.PI / 16)), (int)(140 - 95 * Math.Cos(step * Math.PI / 16))))]);
        Assert.StartsWith("The network reads 0", browser["verdict"].Text, StringComparison.Ordinal);

        browser["clear"].Click();
        Draw(browser, [(70, 50), (200, 50), (170, 120), (130, 235)]);
        Assert.StartsWith("The network reads 7", browser["verdict"].Text, StringComparison.Ordinal);
        Assert.Empty(browser.Complaints());
    }

    [Fact]
    public void A_keyboard_draws()
    {
        using Browser browser = Browser.Open(Path.Combine(Train(Configuration(passes: 8, train: 7_291)), "report.html"));
        browser["clear"].Click();
        browser.Evaluate<object?>("document.getElementById('theme').focus()");
        IWebElement pad = browser["pad"];
        Actions actions = new(browser.Page);
        for (int presses = 0; presses < 5 && !browser.Page.SwitchTo().ActiveElement().Equals(pad); presses++)
        {
            actions.SendKeys(Keys.Tab).Perform();
        }

        Assert.Equal(pad, browser.Page.SwitchTo().ActiveElement());
        actions.SendKeys(" ").Perform();
        for (int step = 0; step < 11; step++)
        {
            actions.SendKeys(Keys.ArrowDown).Perform();
        }

        actions.SendKeys(" ").Perform();
        Assert.StartsWith("The network reads 1", browser["verdict"].Text, StringComparison.Ordinal);

        actions.SendKeys(Keys.Delete).Perform();
        Assert.Equal("Nothing is drawn yet.", browser["verdict"].Text);
    }

    [Fact]
    public void A_digit_is_chosen_and_says_what_it_is()
    {
        string run = Train(Configuration(passes: 2, train: 300));
        (SimdNetwork network, Examples test) = Load(run);
        using (network)
        using (Browser browser = Browser.Open(Path.Combine(run, "report.html")))
        {
            IWebElement third = browser["samples"].FindElements(By.TagName("button"))[2];
            third.SendKeys(Keys.Enter);

            float[] outputs = new float[Shape1989.Outputs];
            network.Outputs(test.Image(2), outputs);
            Assert.Equal("true", third.GetAttribute("aria-pressed"));
            Assert.StartsWith(
                $"The network reads {Array.IndexOf(outputs, outputs.Max())}", browser["verdict"].Text, StringComparison.Ordinal);
            Assert.EndsWith($"It is a {test.Labels[2]}.", browser["verdict"].Text, StringComparison.Ordinal);
            Assert.Equal(
                (int)JsonNode.Parse(File.ReadAllText(Path.Combine(run, "result.json")))!["test"]!["misses"]!,
                browser["mistakes"].FindElements(By.TagName("button")).Count);
        }
    }

    [Theory]
    [InlineData(360, false)]
    [InlineData(360, true)]
    [InlineData(800, false)]
    [InlineData(1200, true)]
    public void It_fits_its_window_and_everything_has_a_name(int width, bool isDark)
    {
        string one = Train(Configuration(passes: 3, train: 300), "--runs", "2");
        string other = Train(Configuration(passes: 2, train: 400));
        string both = _scratch.In("both");
        Assert.Equal(0, CommandRun.Of("report", one, other, "--out", both).Code);
        foreach (string page in new[] { Path.Combine(one, "report.html"), Path.Combine(both, "report.html") })
        {
            using Browser browser = Browser.Open(page, width, isDark);

            Assert.InRange(browser.Evaluate<long>("return document.documentElement.scrollWidth"), 1, width);
            Assert.Empty(PageChecks.Nameless(browser));
            Assert.Equal(
                isDark ? "dark" : "light", browser.Evaluate<string>("return document.documentElement.dataset.theme"));
            Assert.Empty(PageChecks.TooFaint(browser));
            browser["theme"].Click();
            Assert.Equal(
                isDark ? "light" : "dark", browser.Evaluate<string>("return document.documentElement.dataset.theme"));
            Assert.Empty(PageChecks.TooFaint(browser));

            if (Environment.GetEnvironmentVariable("GPUCONVNET_SCREENSHOTS") is { } folder)
            {
                string name = $"report-{width}-{(isDark ? "light" : "dark")}-{Path.GetFileName(Path.GetDirectoryName(page))![..4]}.png";
                File.WriteAllBytes(Path.Combine(folder, name), browser.Screenshot());
            }

            // Nothing is loaded but what the page itself holds.
            Assert.Empty(browser.Evaluate<IEnumerable<object>>(
                "return performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => !name.startsWith('data:'))"));
            Assert.Empty(browser.Complaints());
            Assert.InRange(new FileInfo(page).Length, 1, LargestPage);
        }
    }

    [Fact]
    public void Among_several_runs_one_is_chosen()
    {
        string one = Train(Configuration(passes: 3, train: 300));
        string other = Train(Configuration(passes: 1, train: 200));
        string both = _scratch.In("both");
        Assert.Equal(0, CommandRun.Of("report", one, other, "--out", both).Code);
        using Browser browser = Browser.Open(Path.Combine(both, "report.html"));
        float[] first = browser.Numbers("return [...report.classify().outputs]");

        browser["network"].FindElements(By.TagName("option"))[1].Click();

        Assert.NotEqual(first, browser.Numbers("return [...report.classify().outputs]"));
        Assert.Equal(
            [false, true],
            browser.Page.FindElements(By.CssSelector("[data-run]")).Select(section => section.Displayed));
    }

    [Fact]
    public void A_description_is_text_and_nothing_else()
    {
        JsonObject configuration = Configuration(passes: 1, train: 100);
        configuration["description"] = "</script><script>globalThis.broken = true</script> <b>{{data}}</b> \u2028 '\"";
        configuration["experiment"] = "a</title><script>globalThis.broken = true</script>";
        using Browser browser = Browser.Open(Path.Combine(Train(configuration), "report.html"));

        Assert.False(browser.Evaluate<bool>("return 'broken' in globalThis"));
        Assert.Contains("<b>{{data}}</b>", browser.Page.FindElement(By.CssSelector("header p")).Text, StringComparison.Ordinal);
        Assert.Empty(browser.Complaints());
    }

    public void Dispose() => _scratch.Dispose();

    private static JsonObject Configuration(int passes, int train) => new()
    {
        ["experiment"] = $"drawn-{passes}",
        ["dataset"] = "builtin",
        ["train"] = train,
        ["test"] = 100,
        ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.03 },
        ["passes"] = passes,
    };

    private string Train(JsonObject configuration, params string[] more)
    {
        string name = $"run-{Guid.NewGuid():N}";
        string run = _scratch.In(name);
        CommandRun trained = CommandRun.Of(["--config", _scratch.Write($"{name}.json", configuration), "--out", run, .. more]);
        Assert.True(trained.Code == 0, trained.Error);
        return run;
    }

    private static (SimdNetwork Network, Examples Test) Load(string run)
    {
        ExperimentConfiguration configuration = ConfigurationFile.Load(Path.Combine(run, "config.json"));
        SimdNetwork network = SimdNetwork.Create(configuration.Network);
        network.Load(Safetensors.Read(Path.Combine(run, "model.safetensors")).Parameters);
        DataFolder folder = DataFolder.Resolve(run);
        return (network, DataSets.Load(configuration.Data, folder, _ => { }, TestContext.Current.CancellationToken).Test);
    }

    private static void Draw(Browser browser, (int X, int Y)[] points)
    {
        IWebElement pad = browser["pad"];
        Actions actions = new Actions(browser.Page, TimeSpan.Zero);
        actions.MoveToElement(pad, points[0].X - PadSize / 2, points[0].Y - PadSize / 2).ClickAndHold();
        foreach ((int x, int y) in points[1..])
        {
            actions.MoveToElement(pad, x - PadSize / 2, y - PadSize / 2);
        }

        actions.Release().Perform();
    }
}
