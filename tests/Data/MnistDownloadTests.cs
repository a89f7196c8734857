using System.Security.Cryptography;
using GpuConvnet.Trainer.Data;

namespace GpuConvnet.Tests.Data;

public sealed class MnistDownloadTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly byte[] _content = new byte[300_000];
    private readonly byte[] _packed;
    private readonly MnistFile _file;

    public MnistDownloadTests()
    {
        new Random(1).NextBytes(_content);
        _packed = ScratchFolder.Gzip(_content);
        _file = new MnistFile("digits", Convert.ToHexStringLower(SHA256.HashData(_content)), _content.Length);
    }

    private string Whole => _scratch.In("digits.gz");

    private string Partial => Whole + ".part";

    [Fact]
    public async Task AFreshDownloadIsWholeAndReported()
    {
        using Mirror mirror = new((context, _) => Mirror.SendAsync(context, _packed));
        List<DownloadProgress> heard = [];

        string path = await FetchAsync([mirror.Address], new Progress(heard));

        Assert.Equal(Whole, path);
        Assert.Equal(_packed, await File.ReadAllBytesAsync(Whole, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Partial));
        Assert.Equal(new DownloadProgress("digits", _packed.Length, _packed.Length), heard[^1]);
    }

    [Fact]
    public async Task ADownloadGoesOnWhereItBrokeOff()
    {
        using Mirror mirror = new((context, request) => request == 0
            ? Mirror.BreakOffAsync(context, _packed, 100_000)
            : Mirror.SendAsync(context, _packed));

        await FetchAsync([mirror.Address]);

        Assert.Equal(_packed, await File.ReadAllBytesAsync(Whole, TestContext.Current.CancellationToken));
        Assert.Null(mirror.Ranges[0]);
        Assert.StartsWith("bytes=", mirror.Ranges[1], StringComparison.Ordinal);
        Assert.NotEqual("bytes=0-", mirror.Ranges[1]);
    }

    [Fact]
    public async Task AServerThatIgnoresTheRangeStartsOver()
    {
        _scratch.Write("digits.gz.part", _packed[..50_000]);
        using Mirror mirror = new(async (context, _) =>
        {
            context.Response.ContentLength64 = _packed.Length;
            await context.Response.OutputStream.WriteAsync(_packed, TestContext.Current.CancellationToken);
            context.Response.Close();
        });

        await FetchAsync([mirror.Address]);

        Assert.Equal(_packed, await File.ReadAllBytesAsync(Whole, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(404, 1)]
    [InlineData(500, 2)]
    public async Task AFailingMirrorIsFollowedByTheNext(int status, int attempts)
    {
        using Mirror bad = new((context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Close();
            return Task.CompletedTask;
        });
        using Mirror good = new((context, _) => Mirror.SendAsync(context, _packed));

        await FetchAsync([bad.Address, good.Address]);

        Assert.True(File.Exists(Whole));
        Assert.Equal(attempts, bad.Ranges.Count);
    }

    [Fact]
    public async Task WrongContentIsFetchedAfresh()
    {
        byte[] other = ScratchFolder.Gzip(new byte[300_000]);
        using Mirror mirror = new((context, request) => Mirror.SendAsync(context, request == 0 ? other : _packed));

        await FetchAsync([mirror.Address]);

        Assert.Equal(_packed, await File.ReadAllBytesAsync(Whole, TestContext.Current.CancellationToken));
        Assert.Null(mirror.Ranges[1]);
    }

    [Fact]
    public async Task WrongContentNeverGetsTheFilesName()
    {
        using Mirror mirror = new((context, _) => Mirror.SendAsync(context, [1, 2, 3, 4]));

        DownloadFailedException failure =
            await Assert.ThrowsAsync<DownloadFailedException>(() => FetchAsync([mirror.Address]));

        Assert.Contains("gzip", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_scratch.FullPath));
    }

    [Fact]
    public async Task AMirrorThatFallsSilentIsGivenUp()
    {
        using Mirror mirror = new(async (context, _) =>
        {
            context.Response.ContentLength64 = _packed.Length;
            await context.Response.OutputStream.WriteAsync(_packed.AsMemory(0, 1000), TestContext.Current.CancellationToken);
            await context.Response.OutputStream.FlushAsync(TestContext.Current.CancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        });

        DownloadFailedException failure =
            await Assert.ThrowsAsync<DownloadFailedException>(() => FetchAsync([mirror.Address], stallMilliseconds: 200));

        Assert.Contains("nothing came for 0.2 s", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Whole));
        Assert.True(File.Exists(Partial));
    }

    [Fact]
    public async Task ABodyWithoutEndIsCutOff()
    {
        byte[] piece = new byte[1 << 20];
        using Mirror mirror = new(async (context, _) =>
        {
            context.Response.SendChunked = true;
            while (true)
            {
                await context.Response.OutputStream.WriteAsync(piece, TestContext.Current.CancellationToken);
            }
        });

        DownloadFailedException failure =
            await Assert.ThrowsAsync<DownloadFailedException>(() => FetchAsync([mirror.Address]));

        Assert.Contains("more than 16 MiB", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyThereFailsAtOnce()
    {
        DownloadFailedException failure =
            await Assert.ThrowsAsync<DownloadFailedException>(() => FetchAsync([Mirror.Nobody]));

        Assert.Contains("digits.gz", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CancellationKeepsWhatHasArrived()
    {
        using CancellationTokenSource cancellation = new();
        using Mirror mirror = new(async (context, _) =>
        {
            context.Response.ContentLength64 = _packed.Length;
            await context.Response.OutputStream.WriteAsync(_packed.AsMemory(0, 70_000), TestContext.Current.CancellationToken);
            await context.Response.OutputStream.FlushAsync(TestContext.Current.CancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            FetchAsync([mirror.Address], new Cancelling(cancellation), cancellation: cancellation.Token));

        Assert.False(File.Exists(Whole));
        Assert.InRange(new FileInfo(Partial).Length, 1, 70_000);
    }

    public void Dispose() => _scratch.Dispose();

    private async Task<string> FetchAsync(
        Uri[] mirrors,
        IProgress<DownloadProgress>? progress = null,
        int stallMilliseconds = 5_000,
        CancellationToken? cancellation = null)
    {
        using MnistDownload download = new(
            mirrors, attempts: 2, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(stallMilliseconds));
        return await download.FetchAsync(
            _file, _scratch.FullPath, progress, cancellation ?? TestContext.Current.CancellationToken);
    }

    private sealed class Progress(List<DownloadProgress> heard) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => heard.Add(value);
    }

    private sealed class Cancelling(CancellationTokenSource cancellation) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => cancellation.Cancel();
    }
}
