using System.Diagnostics;
using GpuConvnet.Tests.Report;

namespace GpuConvnet.Tests.Live;

/// <summary>Waits for the live page in a browser.</summary>
internal static class LivePageWait
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until a condition holds on the page.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="condition">An expression in JavaScript.</param>
    public static void Until(this Browser browser, string condition)
    {
        long begun = Stopwatch.GetTimestamp();
        while (!browser.Evaluate<bool>($"return Boolean({condition})"))
        {
            Assert.True(
                Stopwatch.GetElapsedTime(begun) < s_patience,
                $"Not reached: {condition}. {browser["status"].Text} {string.Join('\n', browser.Complaints())}");
            Thread.Sleep(50);
        }
    }
}
