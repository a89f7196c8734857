using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>
/// Downloads MNIST's files from public mirrors. An interrupted file goes on where it stopped; a failing mirror is tried
/// again after a while, then the next; and a file appears under its own name only when its content is MNIST's.
/// </summary>
internal sealed class MnistDownload : IDisposable
{
    /// <summary>The environment variable that names other mirrors: addresses with spaces between them.</summary>
    public const string Variable = "GPUCONVNET_MIRRORS";

    /// <summary>No file has more, compressed: a server that sends more is not sending MNIST.</summary>
    private const long MostBytes = 16 << 20;

    /// <summary>Bytes a second: the slowest modems brought more, and a mirror that brings less is not waited for.</summary>
    private const int LeastSpeed = 1024;

    private static readonly string[] s_publicMirrors =
    [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://systemds.apache.org/assets/datasets/mnist/",
    ];

    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly IReadOnlyList<Uri> _mirrors;
    private readonly int _attempts;
    private readonly TimeSpan _firstPause;
    private readonly TimeSpan _stall;
    private readonly TimeSpan _longest;

    /// <summary>Prepares downloads.</summary>
    /// <param name="mirrors">Folders of MNIST's .gz files; null for GPUCONVNET_MIRRORS or else the public ones.</param>
    /// <param name="attempts">How often each mirror is tried.</param>
    /// <param name="firstPause">The pause before the second attempt; it doubles before each further one.</param>
    /// <param name="stall">How long a mirror may send nothing, or less than 1 KiB a second.</param>
    /// <param name="longest">How long a file may take, over all mirrors and attempts.</param>
    /// <exception cref="BadInputException">GPUCONVNET_MIRRORS holds something that is no http address.</exception>
    public MnistDownload(
        IReadOnlyList<Uri>? mirrors = null, int attempts = 3, TimeSpan? firstPause = null, TimeSpan? stall = null,
        TimeSpan? longest = null)
    {
        _mirrors = mirrors ?? Mirrors();
        _attempts = attempts;
        _firstPause = firstPause ?? TimeSpan.FromSeconds(1);
        _stall = stall ?? TimeSpan.FromSeconds(15);
        _longest = longest ?? TimeSpan.FromMinutes(30);
    }

    /// <summary>Downloads one file, or what is missing of it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="folder">Where to; created if it is missing.</param>
    /// <param name="progress">Hears of every piece that arrives.</param>
    /// <param name="cancellation">Stops the download; what has arrived is kept.</param>
    /// <returns>The path of the whole, checked .gz file.</returns>
    /// <exception cref="DownloadFailedException">No mirror gave it.</exception>
    /// <exception cref="BadInputException">The folder cannot be written to.</exception>
    public async Task<string> FetchAsync(
        MnistFile file, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(file);
        string path = Path.Combine(folder, file.Name + ".gz");
        List<string> failures = [];
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(_longest);
        try
        {
            Disk.CreateFolder(folder);
            using PartialFile partial = PartialFile.Open(path);
            foreach (Uri mirror in _mirrors)
            {
                for (int attempt = 0; attempt < _attempts; attempt++)
                {
                    if (attempt > 0)
                    {
                        // Jitter keeps many clients that failed together from coming back together.
                        double pause = _firstPause.TotalSeconds * Math.Pow(2, attempt - 1) * (0.5 + Random.Shared.NextDouble());
                        await Task.Delay(TimeSpan.FromSeconds(pause), time.Token).ConfigureAwait(false);
                    }

                    (string? failure, bool again) =
                        await TryAsync(new Uri(mirror, file.Name + ".gz"), partial.Content, file, progress, time.Token)
                            .ConfigureAwait(false);
                    if (failure is null)
                    {
                        partial.Complete();
                        return path;
                    }

                    failures.Add($"{mirror.Host}: {failure}");
                    if (!again)
                    {
                        break;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            failures.Add($"it took longer than {_longest.TotalMinutes:0.#} min");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(
                $"{folder} cannot be written to: {failure.Message} Name another folder with --data.", failure);
        }

        throw new DownloadFailedException($"{file.Name}.gz could not be downloaded ({string.Join("; ", failures.Distinct())})");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>One request for what is missing; says what failed, and whether this mirror is worth another attempt.</summary>
    private async Task<(string? Failure, bool Again)> TryAsync(
        Uri address, FileStream partial, MnistFile file, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        // Restarted whenever enough has arrived: a slow download may go on, a silent one or one of a few bytes a second may not.
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        long before = partial.Length;
        try
        {
            await ReceiveAsync(address, partial, file, progress, patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return partial.Length == before
                ? ($"nothing came for {_stall.TotalSeconds:0.#} s", true)
                : ($"it stopped, or sent less than {LeastSpeed >> 10} KiB a second, for {_stall.TotalSeconds:0.#} s", true);
        }
        catch (Exception failure) when (failure is NotSupportedException or InvalidOperationException or UriFormatException)
        {
            // It sends whoever asks to an address that is no http or https one.
            return ($"it answered with a redirection that leads nowhere ({failure.Message.TrimEnd('.')})", false);
        }
        catch (HttpRequestException failure)
        {
            // Where no name resolves there is no network, and waiting will not bring one.
            bool offline = failure.InnerException is SocketException { SocketErrorCode: not SocketError.ConnectionReset };
            bool refused = failure.StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
                and not HttpStatusCode.RequestTimeout and not HttpStatusCode.TooManyRequests;

            // The outer message repeats the mirror's name, which stands before it already.
            return ((offline ? failure.InnerException! : failure).Message.TrimEnd('.'), !offline && !refused);
        }

        if (Fault(partial, file) is not { } fault)
        {
            return (null, false);
        }

        // What lay here already may be the beginning of another mirror's file, compressed in another way: this mirror is
        // asked for all of it before it is blamed.
        partial.SetLength(0);
        return before > 0
            ? await TryAsync(address, partial, file, progress, cancellation).ConfigureAwait(false)
            : (fault, true);
    }

    private async Task ReceiveAsync(
        Uri address, FileStream target, MnistFile file, IProgress<DownloadProgress>? progress, CancellationTokenSource patience)
    {
        patience.CancelAfter(_stall);
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        if (target.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(target.Length, null);
        }

        using HttpResponseMessage response = await _client
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // All of it is here already, or more than all: the check of the content will tell.
            return;
        }

        response.EnsureSuccessStatusCode();
        bool resumes = response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == target.Length;
        if (!resumes)
        {
            target.SetLength(0);
        }

        target.Seek(0, SeekOrigin.End);
        long? total = target.Length + response.Content.Headers.ContentLength;
        using Stream source = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        byte[] buffer = new byte[1 << 16];
        long enough = (long)(_stall.TotalSeconds * LeastSpeed);
        long sinceEnough = 0;
        for (int read; (read = await ReadAsync(source, buffer, patience.Token).ConfigureAwait(false)) > 0;)
        {
            if (target.Length + read > MostBytes)
            {
                target.SetLength(0);
                throw new HttpRequestException($"it sends more than {MostBytes >> 20} MiB, which is not MNIST");
            }

            target.Write(buffer, 0, read);
            sinceEnough += read;
            if (sinceEnough >= enough)
            {
                sinceEnough = 0;
                patience.CancelAfter(_stall);
            }

            progress?.Report(new DownloadProgress(file.Name, target.Length, total));
        }

        target.Flush(flushToDisk: true);
    }

    /// <summary>Reads what has come; a connection that breaks is the mirror's failure, where a disk's is not.</summary>
    private static async ValueTask<int> ReadAsync(Stream source, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await source.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new HttpRequestException(failure.Message, failure);
        }
    }

    /// <summary>What is wrong with a file that has arrived, or null if it is MNIST's.</summary>
    private static string? Fault(FileStream partial, MnistFile file)
    {
        partial.Seek(0, SeekOrigin.Begin);
        using GZipStream stream = new(partial, CompressionMode.Decompress, leaveOpen: true);
        byte[] content = new byte[file.Bytes + 1];
        try
        {
            int length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return file.ChecksumFault(content.AsSpan(0, length));
        }
        catch (InvalidDataException)
        {
            return "what it sent is no whole gzip file";
        }
    }

    private static Uri[] Mirrors()
    {
        string[] addresses = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? named.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : s_publicMirrors;
        return [.. addresses.Select(address =>
            Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
                ? uri
                : throw new BadInputException(
                    $"{Variable} holds '{address}', which is no http or https address. Name folders that hold MNIST's "
                    + "four .gz files, with spaces between them."))];
    }
}
