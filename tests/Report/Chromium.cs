using System.Collections.Concurrent;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;

namespace GpuConvnet.Tests.Report;

/// <summary>
/// A running Chromium with its driver. To start one takes seconds: those of no arguments of their own go from test to test, cleared
/// between them.
/// </summary>
internal sealed class Chromium
{
    private const string ChromiumName = "chromium";
    private const string DriverName = "chromedriver";

    private static readonly ConcurrentBag<Chromium> s_idle = [];

    private readonly ChromeDriverService _service;
    private readonly bool _isShared;

    private Chromium(string chromium, string driver, string[] more)
    {
        _isShared = more.Length == 0;
        _service = ChromeDriverService.CreateDefaultService(Path.GetDirectoryName(driver), Path.GetFileName(driver));
        _service.SuppressInitialDiagnosticInformation = true;
        ChromeOptions options = new() { BinaryLocation = chromium };

        // The sandbox needs rights that containers do not give, and the page is ours.
        options.AddArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars");
        options.AddArguments(more);
        options.SetLoggingPreference(LogType.Browser, LogLevel.All);
        Driver = new ChromeDriver(_service, options, TimeSpan.FromSeconds(60));
    }

    /// <summary>What drives it.</summary>
    public ChromeDriver Driver { get; }

    /// <summary>One that shows nothing, for one test alone; skips the test where there is no browser.</summary>
    /// <param name="more">More of the browser's own arguments.</param>
    public static Chromium Take(string[] more)
    {
        string? chromium = Find(ChromiumName);
        string? driver = Find(DriverName);
        Assert.SkipWhen(
            chromium is null || driver is null,
            $"There is no {ChromiumName} with its {DriverName} here; Debian's packages are chromium and chromium-driver.");
        return more.Length == 0 && s_idle.TryTake(out Chromium? idle) ? idle : new Chromium(chromium!, driver!, more);
    }

    /// <summary>Clears it for the next test, or ends it.</summary>
    public void GiveBack()
    {
        if (!_isShared || Driver.WindowHandles.Count != 1)
        {
            Quit();
            return;
        }

        try
        {
            Driver.ResetInputState();
            Driver.ExecuteCdpCommand("Network.clearBrowserCookies", []);
            Driver.ExecuteCdpCommand("Network.clearBrowserCache", []);
            Driver.Navigate().GoToUrl(new Uri("about:blank"));

            // Read, complaints are gone.
            _ = Driver.Manage().Logs.GetLog(LogType.Browser);
        }
        catch (WebDriverException)
        {
            Quit();
            throw;
        }

        s_idle.Add(this);
    }

    /// <summary>Ends those that wait for a test.</summary>
    public static void QuitIdle()
    {
        while (s_idle.TryTake(out Chromium? idle))
        {
            idle.Quit();
        }
    }

    private void Quit()
    {
        Driver.Quit();
        Driver.Dispose();
        _service.Dispose();
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
