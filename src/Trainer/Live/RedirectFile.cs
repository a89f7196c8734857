using System.Net;
using System.Text;

namespace GpuConvnet.Trainer.Live;

/// <summary>
/// A page that leads a browser to another one, whose address is a secret: what stands on a browser's command line is seen by all users
/// of the machine. It is the user's own to read, and goes when it is not needed any more.
/// </summary>
internal sealed class RedirectFile : IDisposable
{
    private readonly DirectoryInfo _folder;

    /// <summary>Writes the page.</summary>
    /// <param name="target">Where it leads.</param>
    /// <exception cref="IOException">There is no place for it.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public RedirectFile(Uri target)
    {
        // On Unix the folder, too, is open to its owner alone.
        _folder = Directory.CreateTempSubdirectory("gpuconvnet-live-");
        string path = Path.Combine(_folder.FullName, "open.html");
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        string address = WebUtility.HtmlEncode(target.AbsoluteUri);
        using (FileStream file = new(path, options))
        {
            file.Write(Encoding.UTF8.GetBytes(
                $"""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="referrer" content="no-referrer">
                <meta http-equiv="refresh" content="0; url={address}">
                <title>GpuConvnet</title>
                </head>
                <body><p><a href="{address}">The page of the training</a></p></body>
                </html>

                """));
        }

        Address = new Uri(path);
    }

    /// <summary>The page's own address.</summary>
    public Uri Address { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Whoever cleans the folder of temporary files was there before, or comes later; what it leads to is gone.
        }
    }
}
