using System.ComponentModel;
using System.Diagnostics;
using GpuConvnet.Trainer.Streams;

namespace GpuConvnet.Trainer.Live;

/// <summary>Opens a page in the user's browser, where there is somebody who looks at a desktop.</summary>
internal sealed class DesktopBrowser : IDisposable
{
    private RedirectFile? _redirect;

    /// <summary>Opens a page: of a program that prints on a terminal of a desktop, and not from afar.</summary>
    /// <param name="address">The page, whose address is a secret.</param>
    /// <param name="talk">Where the program prints.</param>
    public DesktopBrowser(Uri address, TextWriter talk)
    {
        if (talk is DisplayWriter { IsTerminal: true } && HasDesktop())
        {
            Problem = TryOpen(address);
        }
    }

    /// <summary>Why the page could not be opened; null where it was, or where nobody would see it.</summary>
    public string? Problem { get; }

    /// <inheritdoc/>
    public void Dispose() => _redirect?.Dispose();

    private string? TryOpen(Uri address)
    {
        try
        {
            string page = (_redirect = new RedirectFile(address)).Address.AbsoluteUri;
            ProcessStartInfo start = OperatingSystem.IsWindows()
                ? new ProcessStartInfo(page) { UseShellExecute = true }
                : new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [page])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                };
            Process.Start(start)?.Dispose();
            return null;
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return $"No browser could be opened: {failure.Message}.";
        }
    }

    private static bool HasDesktop() => !Has("SSH_CONNECTION") && Environment.UserInteractive
        && (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() || Has("DISPLAY") || Has("WAYLAND_DISPLAY"));

    private static bool Has(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
