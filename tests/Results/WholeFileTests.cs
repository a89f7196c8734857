using GpuConvnet.Tests.Data;
using GpuConvnet.Trainer;
using GpuConvnet.Trainer.Results;

namespace GpuConvnet.Tests.Results;

public sealed class WholeFileTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void AFileIsReplacedWhole()
    {
        string path = _scratch.Write("file", [1, 2, 3]);

        WholeFile.Write(path, stream => stream.Write([4, 5]));

        Assert.Equal([4, 5], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_scratch.FullPath));
    }

    [Fact]
    public void AFailureHalfWayLeavesTheOldFileAndNothingElse()
    {
        string path = _scratch.Write("file", [1, 2, 3]);

        Assert.Throws<InvalidOperationException>(() => WholeFile.Write(path, stream =>
        {
            stream.Write([4, 5]);
            throw new InvalidOperationException();
        }));

        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_scratch.FullPath));
    }

    [Fact]
    public void AFullDiskIsAFailureOfTheRunThatLeavesTheOldFile()
    {
        string path = _scratch.Write("file", [1, 2, 3]);

        RunFailedException failure = Assert.Throws<RunFailedException>(() =>
            WholeFile.Write(path, _ => throw new IOException("No space left on device")));

        Assert.Contains("No space left", failure.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
    }

    [Fact]
    public void AMissingFolderIsBadInput() => Assert.Contains(
        "cannot be written",
        Assert.Throws<BadInputException>(() => WholeFile.Write(_scratch.In("nowhere/file"), _ => { })).Message,
        StringComparison.Ordinal);

    public void Dispose() => _scratch.Dispose();
}
