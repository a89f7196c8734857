using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Tests.Data;

/// <summary>What is no file of digits is named for what it is, with what to do.</summary>
public sealed class ForeignContentTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    /// <summary>The first bytes, as text of Latin-1, what they are, and a word of what to do.</summary>
    public static TheoryData<string, string, string> Kinds { get; } = new()
    {
        { "<!DOCTYPE html><html>", "a web page", "browser" },
        { "\u00ef\u00bb\u00bf\r\n <?xml version=\"1.0\"?><Error>", "a web page or XML", "browser" },
        { "{\"message\":\"Not Found\"}", "JSON ('{\"message\":\"Not Found\"}')", "browser" },
        { "version https://git-lfs.github.com/spec/v1\noid sha256:00", "pointer of Git LFS", "git lfs pull" },
        { "BZh91AY&SY", "bzip2", "bunzip2" },
        { "\u00fd7zXZ\0\0", "xz", "unxz" },
        { "7z\u00bc\u00af\u0027\u001c", "a 7z archive", "7-Zip" },
        { "Rar!\u001a\u0007", "a RAR archive", "Unpack" },
        { "\u0028\u00b5\u002f\u00fd", "Zstandard", "unzstd" },
        { "\u0093NUMPY\u0001\0", "a NumPy array (.npy)", "docs/data.md" },
        { "\u0080\u0002}q\0", "a Python pickle", "docs/data.md" },
        { "\u0080\u0004\u0095", "a Python pickle", "docs/data.md" },
        { "\u0089HDF\r\n\u001a\n", "HDF5", "docs/data.md" },
        { "PAR1\u0015", "Parquet", "docs/data.md" },
        { "ARROW1\0\0", "Arrow", "docs/data.md" },
        { "MATLAB 5.0 MAT-file", "a MATLAB file", "docs/data.md" },
        { "\u0089PNG\r\n\u001a\n", "a picture", "\"images\"" },
        { "\u00ff\u00d8\u00ff\u00e0", "a picture", "\"images\"" },
        { "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "nothing but zeros", "copy it again" },
        { "label,1x1,1x2,1x3,1x4,1x5,1x6,1x7,1x8,1x9,1x10,1x11,1x12,1x13,1x14,1x15,1x16,1x17,1x18,1x19,1x20,1x21\n5,0", ".csv", "docs/data.md" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheFirstBytesSayWhatItIs(string bytes, string what, string remedy)
    {
        ForeignContent found = ForeignContent.Of(Encoding.Latin1.GetBytes(bytes))!;

        Assert.Contains(what, found.What, StringComparison.Ordinal);
        Assert.Contains(remedy, found.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train_images.npy", "NumPy arrays (.npz)")]
    [InlineData("archive/data.pkl", "tensors that PyTorch saved")]
    [InlineData("readme.txt", "a zip archive")]
    public void AnArchiveIsToldByItsFirstEntry(string entry, string what)
    {
        using MemoryStream content = new();
        using (ZipArchive archive = new(content, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream stream = archive.CreateEntry(entry).Open();
            stream.WriteByte(1);
        }

        Assert.Contains(what, ForeignContent.Of(content.ToArray())!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void ATarArchiveIsToldByItsMark()
    {
        using MemoryStream content = new();
        using (TarWriter writer = new(content, TarEntryFormat.Ustar, leaveOpen: true))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "mnist"));
        }

        Assert.Equal("a tar archive", ForeignContent.Of(content.ToArray())!.What);
    }

    [Theory]
    [InlineData("6.0000 -1.0000 -1.0000 0.5")]
    [InlineData("\0\0\u0008\u0003\0\0\0\u0001")]
    public void DigitsAreNothingForeign(string bytes)
    {
        Assert.Null(ForeignContent.Of(Encoding.Latin1.GetBytes(bytes)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AWebPageInMnistsPlaceIsNamedPlainOrCompressed(bool isPacked)
    {
        byte[] page = "<!DOCTYPE html><html><head><title>403 Forbidden"u8.ToArray();
        string path = _scratch.In("train-images-idx3-ubyte.gz");
        File.WriteAllBytes(path, isPacked ? ScratchFolder.Pack(page) : page);

        string message = Assert.Throws<BadInputException>(() => MnistFile.TrainImages.Read(path)).Message;

        Assert.StartsWith($"{path} is not MNIST's train-images-idx3-ubyte but a web page", message, StringComparison.Ordinal);
        Assert.Contains("trainer data fetch", message, StringComparison.Ordinal);
        Assert.DoesNotContain("delete", message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void WhatIsFarTooLargeIsNamedTooForWhatItIs()
    {
        string path = _scratch.Write("train-labels-idx1-ubyte", [.. "PAR1"u8, .. new byte[8 << 20]]);

        Assert.Contains("It is Parquet", Assert.Throws<BadInputException>(() => MnistFile.TrainLabels.Read(path)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();
}
