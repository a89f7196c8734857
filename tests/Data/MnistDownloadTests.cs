using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Data;

/// <summary>Downloads from servers on this machine, with all that goes wrong on the way.</summary>
public sealed class MnistDownloadTests : IDisposable
{
    private static readonly byte[] s_content = RandomNumberGenerator.GetBytes(300_000);
    private static readonly byte[] s_packed = ScratchFolder.Pack(s_content);
    private static readonly MnistFile s_file =
        new("digits", Convert.ToHexStringLower(SHA256.HashData(s_content)), s_content.Length);

    private readonly ScratchFolder _scratch = new();

    private string Whole => _scratch.In("mnist", "digits.gz");

    private string Partial => Whole + ".part";

    private string[] Partials => Directory.GetFiles(_scratch.In("mnist"), "*.part");

    [Fact]
    public async Task AFreshFileArrivesWhole()
    {
        using LocalMirror mirror = new(new MirrorAnswer(s_packed));
        Received received = new(Whole);

        string path = await FetchAsync(received, mirror.Address);

        Assert.Equal(Whole, path);
        AssertArrived();
        MirrorRequest request = Assert.Single(mirror.Requests);
        Assert.Equal("/mnist/digits.gz", request.Path);
        Assert.Null(request.From);
        Assert.Equal(new DownloadProgress("digits", s_packed.Length, s_packed.Length), received.Last);
        Assert.False(received.WholeNameAppeared);
    }

    [Fact]
    public async Task AConnectionThatEndedEarlyIsTakenUpWhereItEnded()
    {
        using LocalMirror mirror = new(
            new MirrorAnswer(s_packed, EndsAfter: 100_000), new MirrorAnswer(s_packed, EndsAfter: 50_000),
            new MirrorAnswer(s_packed));
        Received received = new(Whole);

        await FetchAsync(received, mirror.Address);

        AssertArrived();
        Assert.Equal([null, 100_000, 150_000], mirror.Requests.Select(request => request.From));
        Assert.Equal(s_packed.Length, received.Last.Total);
        Assert.False(received.WholeNameAppeared);
    }

    [Fact]
    public async Task AServerThatIgnoresRangesSendsAllOfItAgain()
    {
        using LocalMirror mirror = new(
            new MirrorAnswer(s_packed, HonoursRange: false, EndsAfter: 100_000),
            new MirrorAnswer(s_packed, HonoursRange: false));

        await FetchAsync(null, mirror.Address);

        AssertArrived();
        Assert.Equal([null, 100_000], mirror.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task AConnectionThatIsResetIsTakenUpWhereItEnded()
    {
        Received received = new(Whole);
        using LocalMirror mirror = new(
            new MirrorAnswer(s_packed, EndsAfter: 100_000, End: MirrorEnd.Reset) { MayReset = received.Of(100_000) },
            new MirrorAnswer(s_packed));

        await FetchAsync(received, mirror.Address);

        AssertArrived();
        Assert.Equal([null, 100_000], mirror.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task AServerThatFallsSilentIsGivenUpAndAskedAgain()
    {
        using LocalMirror mirror = new(
            new MirrorAnswer(s_packed, EndsAfter: 100_000, End: MirrorEnd.Silence), new MirrorAnswer(s_packed));
        using MnistDownload download =
            new([mirror.Address], firstPause: TimeSpan.Zero, stall: TimeSpan.FromSeconds(1));

        await download.FetchAsync(s_file, _scratch.In("mnist"), null, TestContext.Current.CancellationToken);

        AssertArrived();
        Assert.Equal([null, 100_000], mirror.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task WhatAnEarlierDownloadLeftIsUsed()
    {
        Directory.CreateDirectory(_scratch.In("mnist"));
        File.WriteAllBytes(Partial, s_packed[..200_000]);
        using LocalMirror mirror = new(new MirrorAnswer(s_packed));

        await FetchAsync(null, mirror.Address);

        AssertArrived();
        Assert.Equal([200_000], mirror.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task OfSeveralLeftByEarlierDownloadsTheLongestIsUsedAndNoneStays()
    {
        Directory.CreateDirectory(_scratch.In("mnist"));
        File.WriteAllBytes(Whole + ".one.part", s_packed[..100_000]);
        File.WriteAllBytes(Whole + ".two.part", s_packed[..200_000]);
        File.WriteAllBytes(Partial, s_packed[..50_000]);
        using LocalMirror mirror = new(new MirrorAnswer(s_packed));

        await FetchAsync(null, mirror.Address);

        AssertArrived();
        Assert.Equal([200_000], mirror.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task TwoAtTheSameTimeDoNotWriteIntoEachOthersFile()
    {
        using LocalMirror mirror = new(
            new MirrorAnswer(s_packed, EndsAfter: 100_000, End: MirrorEnd.Silence), new MirrorAnswer(s_packed));
        Received received = new(Whole);
        using MnistDownload patient = new([mirror.Address], firstPause: TimeSpan.FromMilliseconds(1), stall: TimeSpan.FromSeconds(3));

        Task<string> first =
            patient.FetchAsync(s_file, _scratch.In("mnist"), received, TestContext.Current.CancellationToken);
        await received.Of(100_000).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await FetchAsync(null, mirror.Address);
        string held = Assert.Single(Partials);

        Assert.Equal(s_content, s_file.Read(Whole));
        Assert.Equal(100_000, new FileInfo(held).Length);
        Assert.Equal(Whole, await first);
        AssertArrived();
        Assert.Equal([null, null, 100_000], mirror.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task ManyAtTheSameTimeAllArriveAndLeaveNothing()
    {
        using LocalMirror mirror = new(request => new MirrorAnswer(
            s_packed, EndsAfter: request.From is null ? 1_000 * (1 + request.Number) : int.MaxValue));

        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => FetchAsync(null, mirror.Address))));

        AssertArrived();
    }

    [Fact]
    public async Task WhatAnEarlierDownloadLeftMayBeAllOfIt()
    {
        Directory.CreateDirectory(_scratch.In("mnist"));
        File.WriteAllBytes(Partial, s_packed);
        using LocalMirror mirror = new(new MirrorAnswer(s_packed));

        await FetchAsync(null, mirror.Address);

        AssertArrived();
        Assert.Single(mirror.Requests);
    }

    [Fact]
    public async Task WhatAnEarlierDownloadLeftOfAnotherFileCostsNoAttempt()
    {
        // Mirrors compress differently: a half of one and a half of another make nothing.
        Directory.CreateDirectory(_scratch.In("mnist"));
        File.WriteAllBytes(Partial, RandomNumberGenerator.GetBytes(s_packed.Length + 10));
        using LocalMirror mirror = new(new MirrorAnswer(s_packed));
        using MnistDownload download = new([mirror.Address], attempts: 1);

        await download.FetchAsync(s_file, _scratch.In("mnist"), null, TestContext.Current.CancellationToken);

        AssertArrived();
        Assert.Equal([s_packed.Length + 10, null], mirror.Requests.Select(request => request.From));
    }

    [Theory]
    [InlineData(404, 1)]
    [InlineData(403, 1)]
    [InlineData(500, 3)]
    [InlineData(503, 3)]
    [InlineData(429, 3)]
    public async Task TheSecondMirrorIsAskedWhenTheFirstRefusesOrKeepsFailing(int status, int attempts)
    {
        using LocalMirror first = new(MirrorAnswer.Of(status));
        using LocalMirror second = new(new MirrorAnswer(s_packed));

        await FetchAsync(null, first.Address, second.Address);

        AssertArrived();
        Assert.Equal(attempts, first.Requests.Length);
        Assert.Single(second.Requests);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/digits.gz")]
    [InlineData("file:///etc/hostname")]
    [InlineData("javascript:0")]
    [InlineData("http://")]
    [InlineData("/mnist/digits.gz")]
    public async Task TheSecondMirrorIsAskedWhenTheFirstSendsUsNowhere(string location)
    {
        using LocalMirror first = new(MirrorAnswer.Of(302) with { Location = location });
        using LocalMirror second = new(new MirrorAnswer(s_packed));

        await FetchAsync(null, first.Address, second.Address);

        AssertArrived();
        Assert.Single(second.Requests);
    }

    [Fact]
    public async Task TheSecondMirrorIsAskedWhenTheFirstSendsAByteNowAndThen()
    {
        using LocalMirror first = new(new MirrorAnswer(s_packed, EndsAfter: 100_000, End: MirrorEnd.Trickle));
        using LocalMirror second = new(new MirrorAnswer(s_packed));
        using MnistDownload download = new([first.Address, second.Address], attempts: 1, stall: TimeSpan.FromSeconds(1));

        await download.FetchAsync(s_file, _scratch.In("mnist"), null, TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        AssertArrived();
        Assert.InRange(second.Requests.Single().From!.Value, 100_000, 100_020);
    }

    [Fact]
    public async Task WhatTakesTooLongInAllIsGivenUpAndKept()
    {
        using LocalMirror mirror = new(new MirrorAnswer(s_packed, EndsAfter: 100_000, End: MirrorEnd.Trickle));
        using MnistDownload download = new([mirror.Address], longest: TimeSpan.FromSeconds(1));

        DownloadFailedException failure = await Assert.ThrowsAsync<DownloadFailedException>(() => download
            .FetchAsync(s_file, _scratch.In("mnist"), null, TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

        Assert.Contains("longer than", failure.Message, StringComparison.Ordinal);
        Assert.True(new FileInfo(Assert.Single(Partials)).Length >= 100_000);
    }

    [Fact]
    public async Task TheSecondMirrorGoesOnWithWhatTheFirstBegan()
    {
        using LocalMirror first = new(new MirrorAnswer(s_packed, EndsAfter: 100_000), MirrorAnswer.Of(404));
        using LocalMirror second = new(new MirrorAnswer(s_packed));

        await FetchAsync(null, first.Address, second.Address);

        AssertArrived();
        Assert.Equal([100_000], second.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task WhatFailedForAWhileIsAskedAgain()
    {
        using LocalMirror mirror = new(MirrorAnswer.Of(503), MirrorAnswer.Of(500), new MirrorAnswer(s_packed));

        await FetchAsync(null, mirror.Address);

        AssertArrived();
        Assert.Equal(3, mirror.Requests.Length);
    }

    [Fact]
    public async Task ContentWithAnotherChecksumIsFetchedAgainFromItsStart()
    {
        byte[] other = [.. s_content];
        other[1000] ^= 1;
        using LocalMirror mirror = new(new MirrorAnswer(ScratchFolder.Pack(other)), new MirrorAnswer(s_packed));

        await FetchAsync(null, mirror.Address);

        AssertArrived();
        Assert.Equal([null, null], mirror.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task APageInTheFilesPlaceIsNotTakenForIt()
    {
        byte[] page = "<html>Please log in to this network</html>"u8.ToArray();
        using LocalMirror mirror = new(new MirrorAnswer(page));

        DownloadFailedException failure =
            await Assert.ThrowsAsync<DownloadFailedException>(() => FetchAsync(null, mirror.Address));

        Assert.Contains("digits.gz", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no whole gzip file", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Whole));
        Assert.Empty(Partials);
    }

    [Fact]
    public async Task ContentWhoseChecksumStaysWrongIsNeverKept()
    {
        using LocalMirror mirror = new(new MirrorAnswer(ScratchFolder.Pack(new byte[s_content.Length])));

        DownloadFailedException failure =
            await Assert.ThrowsAsync<DownloadFailedException>(() => FetchAsync(null, mirror.Address));

        Assert.Contains("SHA-256", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, mirror.Requests.Length);
        Assert.False(File.Exists(Whole));
        Assert.Empty(Partials);
    }

    [Fact]
    public async Task AServerThatSendsWithoutEndIsStopped()
    {
        using LocalMirror mirror = new(new MirrorAnswer(new byte[20 << 20]));
        Received received = new(Whole);
        using MnistDownload download = new([mirror.Address], attempts: 1);

        DownloadFailedException failure = await Assert.ThrowsAsync<DownloadFailedException>(() =>
            download.FetchAsync(s_file, _scratch.In("mnist"), received, TestContext.Current.CancellationToken));

        Assert.Contains("16 MiB", failure.Message, StringComparison.Ordinal);
        Assert.InRange(received.Last.Received, 0, 16 << 20);
        Assert.False(File.Exists(Whole));
    }

    [Fact]
    public async Task NothingListeningFailsQuicklyWithEveryMirrorsReason()
    {
        Uri nobody = NobodyListens();
        using LocalMirror refuses = new(MirrorAnswer.Of(404));
        using MnistDownload download = new([nobody, refuses.Address]);
        Stopwatch clock = Stopwatch.StartNew();

        DownloadFailedException failure = await Assert.ThrowsAsync<DownloadFailedException>(() =>
            download.FetchAsync(s_file, _scratch.In("mnist"), null, TestContext.Current.CancellationToken));

        // A second attempt would come after half a second at the earliest, a third after another.
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        Assert.Contains("digits.gz", failure.Message, StringComparison.Ordinal);
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
        Assert.Contains("404", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public async Task WhatArrivedIsKeptWhenEveryMirrorFails()
    {
        using LocalMirror mirror = new(new MirrorAnswer(s_packed, EndsAfter: 100_000), MirrorAnswer.Of(404));

        await Assert.ThrowsAsync<DownloadFailedException>(() => FetchAsync(null, mirror.Address));

        Assert.Equal(s_packed[..100_000], File.ReadAllBytes(Assert.Single(Partials)));
        Assert.False(File.Exists(Whole));
    }

    [Fact]
    public async Task CancellationKeepsWhatArrivedForTheNextTime()
    {
        using LocalMirror mirror = new(
            new MirrorAnswer(s_packed, EndsAfter: 100_000, End: MirrorEnd.Silence), new MirrorAnswer(s_packed));
        Received received = new(Whole);
        using CancellationTokenSource cancellation = new();
        using MnistDownload download = new([mirror.Address]);

        Task<string> fetching = download.FetchAsync(s_file, _scratch.In("mnist"), received, cancellation.Token);
        await received.Of(100_000).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);

        Assert.False(received.WholeNameAppeared);
        Assert.False(File.Exists(Whole));
        Assert.Equal(s_packed[..100_000], File.ReadAllBytes(Assert.Single(Partials)));

        await FetchAsync(null, mirror.Address);
        AssertArrived();
        Assert.Equal([null, 100_000], mirror.Requests.Select(request => request.From));
    }

    [Fact]
    public async Task CancellationEndsThePauseBetweenAttempts()
    {
        using LocalMirror mirror = new(MirrorAnswer.Of(503));
        using CancellationTokenSource cancellation = new();
        using MnistDownload download = new([mirror.Address], firstPause: TimeSpan.FromMinutes(10));

        Task<string> fetching = download.FetchAsync(s_file, _scratch.In("mnist"), null, cancellation.Token);
        Assert.True(SpinWait.SpinUntil(() => mirror.Requests.Length == 1, TimeSpan.FromSeconds(10)));
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            fetching.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AFolderThatCannotBeMadeIsRefused()
    {
        _scratch.Write("mnist", "a file"u8);
        using LocalMirror mirror = new(new MirrorAnswer(s_packed));

        BadInputException failure =
            await Assert.ThrowsAsync<BadInputException>(() => FetchAsync(null, mirror.Address));

        Assert.Contains(_scratch.In("mnist"), failure.Message, StringComparison.Ordinal);
        Assert.Empty(mirror.Requests);
    }

    public void Dispose() => _scratch.Dispose();

    private static Uri NobodyListens()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
    }

    private async Task<string> FetchAsync(Received? received, params Uri[] mirrors)
    {
        using MnistDownload download = new(mirrors, firstPause: TimeSpan.FromMilliseconds(1));
        return await download.FetchAsync(s_file, _scratch.In("mnist"), received, TestContext.Current.CancellationToken);
    }

    private void AssertArrived()
    {
        Assert.Equal(s_packed, File.ReadAllBytes(Whole));
        Assert.Empty(Partials);
        Assert.Equal(s_content, s_file.Read(Whole));
    }

    /// <summary>Hears of every piece at once, on the download's own thread.</summary>
    private sealed class Received(string whole) : IProgress<DownloadProgress>
    {
        private readonly List<(long Bytes, TaskCompletionSource Reached)> _waiting = [];

        public DownloadProgress Last { get; private set; }

        public bool WholeNameAppeared { get; private set; }

        public Task Of(long bytes)
        {
            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_waiting)
            {
                _waiting.Add((bytes, reached));
                Release();
            }

            return reached.Task;
        }

        public void Report(DownloadProgress value)
        {
            lock (_waiting)
            {
                Last = value;
                WholeNameAppeared |= File.Exists(whole);
                Release();
            }
        }

        private void Release()
        {
            foreach ((long bytes, TaskCompletionSource reached) in _waiting)
            {
                if (Last.Received >= bytes)
                {
                    reached.TrySetResult();
                }
            }
        }
    }
}
