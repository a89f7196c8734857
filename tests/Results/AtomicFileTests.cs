using System.Text;
using GpuConvnet.Tests.Data;

namespace GpuConvnet.Tests.Results;

public sealed class AtomicFileTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void AFileIsWritten()
    {
        string path = _scratch.In("result.json");

        AtomicFile.Write(path, stream => stream.Write("{}"u8));

        Assert.Equal("{}", File.ReadAllText(path));
        Assert.Equal(["result.json"], _scratch.Names());
    }

    [Fact]
    public void AFileIsReplacedWhole()
    {
        // Shorter than what it replaces, so that a rest of that would show.
        string path = _scratch.Write("result.json", Encoding.ASCII.GetBytes(new string('x', 10_000)));

        AtomicFile.Write(path, "new"u8.ToArray());

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(["result.json"], _scratch.Names());
    }

    [Fact]
    public void TheOldFileIsThereWhileTheNewOneIsWritten()
    {
        string path = _scratch.Write("result.json", "old"u8);

        AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(path));
        });

        Assert.Equal("half", File.ReadAllText(path));
    }

    [Fact]
    public void AFailureHalfWayLeavesTheOldFileAlone()
    {
        string path = _scratch.Write("result.json", "old"u8);

        RunFailedException failure = Assert.Throws<RunFailedException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new IOException("No space left on device");
        }));

        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.Contains("No space left on device", failure.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["result.json"], _scratch.Names());
    }

    [Fact]
    public void AnotherKindOfFailureComesOutAsItIsAndLeavesNothing()
    {
        Assert.Throws<OperationCanceledException>(() => AtomicFile.Write(_scratch.In("result.json"), stream =>
        {
            stream.Write(new byte[100_000]);
            throw new OperationCanceledException();
        }));

        Assert.Empty(_scratch.Names());
    }

    [Fact]
    public void AMissingFolderIsTheUsersToMend()
    {
        string path = _scratch.In("missing", "result.json");
        bool written = false;

        string message = Assert.Throws<BadInputException>(() => AtomicFile.Write(path, _ => written = true)).Message;

        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.False(written);
        Assert.Empty(_scratch.Names());
    }

    [Fact]
    public void AFolderInTheFilesPlaceIsRefusedAndLeftAsItWas()
    {
        string path = _scratch.In("taken");
        Directory.CreateDirectory(path);

        Assert.ThrowsAny<Exception>(() => AtomicFile.Write(path, stream => stream.Write("x"u8)));

        Assert.True(Directory.Exists(path));
        Assert.Equal(["taken"], _scratch.Names());
    }

    public void Dispose() => _scratch.Dispose();
}
