using System.ComponentModel;
using System.Diagnostics;
using GpuConvnet.Trainer.Streams;

namespace GpuConvnet.Trainer.Live;

/// <summary>Opens a page in the user's browser, where there is somebody who looks at a desktop.</summary>
internal static class DesktopBrowser
{
    /// <summary>Opens a page: of a program that prints on a terminal of a desktop, and not from afar.</summary>
    /// <param name="address">The page.</param>
    /// <param name="talk">Where the program prints.</param>
    /// <returns>Why it could not be opened; null where it was, or where nobody would see it.</returns>
    public static string? TryOpen(Uri address, TextWriter talk)
    {
        if (talk is not DisplayWriter { IsTerminal: true } || !HasDesktop())
        {
            return null;
        }

        try
        {
            ProcessStartInfo start = OperatingSystem.IsWindows()
                ? new ProcessStartInfo(address.AbsoluteUri) { UseShellExecute = true }
                : new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [address.AbsoluteUri])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                };
            Process.Start(start)?.Dispose();
            return null;
        }
        catch (Exception failure) when (failure is Win32Exception or FileNotFoundException)
        {
            return $"No browser could be opened: {failure.Message}.";
        }
    }

    private static bool HasDesktop() => !Has("SSH_CONNECTION") && Environment.UserInteractive
        && (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() || Has("DISPLAY") || Has("WAYLAND_DISPLAY"));

    private static bool Has(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
