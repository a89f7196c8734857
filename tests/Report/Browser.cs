using System.Globalization;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;

namespace GpuConvnet.Tests.Report;

/// <summary>A headless Chromium with one page in it.</summary>
internal sealed class Browser : IDisposable
{
    private readonly Chromium _chromium;
    private readonly ChromeDriver _driver;

    private Browser(Chromium chromium) => (_chromium, _driver) = (chromium, chromium.Driver);

    /// <summary>The page.</summary>
    public IWebDriver Page => _driver;

    /// <summary>Opens a page, or skips the test where there is no browser.</summary>
    /// <param name="path">The HTML file.</param>
    /// <param name="width">The window's width, in CSS pixels.</param>
    /// <param name="isDark">Whether the system asks for dark pages.</param>
    /// <param name="more">More of the browser's own arguments.</param>
    public static Browser Open(string path, int width = 1200, bool isDark = false, params string[] more) =>
        Open(new Uri(Path.GetFullPath(path)), width, isDark, more);

    /// <summary>Opens a page of a server, or skips the test where there is no browser.</summary>
    /// <param name="address">The page's address.</param>
    /// <param name="width">The window's width, in CSS pixels.</param>
    /// <param name="isDark">Whether the system asks for dark pages.</param>
    /// <param name="more">More of the browser's own arguments.</param>
    public static Browser Open(Uri address, int width = 1200, bool isDark = false, params string[] more)
    {
        Browser browser = new(Chromium.Take(more));
        try
        {
            browser.Resize(width);
            browser._driver.ExecuteCdpCommand("Emulation.setEmulatedMedia", new Dictionary<string, object?>
            {
                ["features"] = new[]
                {
                    new Dictionary<string, object?>
                    {
                        ["name"] = "prefers-color-scheme",
                        ["value"] = isDark ? "dark" : "light",
                    },
                },
            });
            browser._driver.Navigate().GoToUrl(address);
            return browser;
        }
        catch
        {
            browser.Dispose();
            throw;
        }
    }

    /// <summary>Gives the page another width.</summary>
    public void Resize(int width) =>
        _driver.ExecuteCdpCommand("Emulation.setDeviceMetricsOverride", new Dictionary<string, object?>
        {
            ["width"] = width,
            ["height"] = 900,
            ["deviceScaleFactor"] = 1,
            ["mobile"] = false,
        });

    /// <summary>What a script returns.</summary>
    public T Evaluate<T>(string script, params object[] arguments) => (T)_driver.ExecuteScript(script, arguments)!;

    /// <summary>A list of numbers that a script returns.</summary>
    public float[] Numbers(string script, params object[] arguments) =>
        [.. Evaluate<IEnumerable<object>>(script, arguments).Select(number => Convert.ToSingle(number, CultureInfo.InvariantCulture))];

    /// <summary>The element of an id.</summary>
    public IWebElement this[string id] => _driver.FindElement(By.Id(id));

    /// <summary>Everything that the browser complained about.</summary>
    public string[] Complaints() => [.. _driver.Manage().Logs.GetLog(LogType.Browser).Select(entry => entry.ToString())];

    /// <summary>A picture of the whole page, to look at.</summary>
    public byte[] Screenshot()
    {
        Dictionary<string, object> picture = (Dictionary<string, object>)_driver.ExecuteCdpCommand(
            "Page.captureScreenshot", new Dictionary<string, object?> { ["captureBeyondViewport"] = true })!;
        return Convert.FromBase64String((string)picture["data"]);
    }

    public void Dispose() => _chromium.GiveBack();
}
