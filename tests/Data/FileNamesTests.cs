using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Tests.Data;

/// <summary>MNIST's and USPS's files under the names that tools give them.</summary>
public sealed class FileNamesTests : IDisposable
{
    private const string Name = "train-images-idx3-ubyte";

    private readonly ScratchFolder _scratch = new();

    [Theory]
    [InlineData("train-images.idx3-ubyte")]
    [InlineData("train-images.idx3-ubyte.gz")]
    [InlineData("train-images-idx3-ubyte (1).gz")]
    [InlineData("train-images-idx3-ubyte(1).gz")]
    [InlineData("train-images-idx3-ubyte.gz.1")]
    [InlineData("train-images-idx3-ubyte - Copy.gz")]
    [InlineData("train-images-idx3-ubyte - Copy (2)")]
    [InlineData("Train-Images-IDX3-ubyte.GZ")]
    [InlineData("train_images_idx3_ubyte.gz")]
    [InlineData("train-images-idx3-ubyte.bin")]
    [InlineData("train-images-idx3-ubyte/train-images.idx3-ubyte")]
    [InlineData("train-images-idx3-ubyte.gz/train-images-idx3-ubyte")]
    public void ANameThatAToolGaveIsTheFiles(string name)
    {
        string path = _scratch.Write(name, "content"u8);

        Assert.Equal(path, Assert.Single(FileNames.Candidates(_scratch.FullPath, Name)));
    }

    [Theory]
    [InlineData("zip (1).train")]
    [InlineData("zip.train (1).gz")]
    [InlineData("zip.train.txt")]
    [InlineData("ZIP.TRAIN")]
    public void SoOfUsps(string name)
    {
        string path = _scratch.Write(name, "content"u8);

        Assert.Equal(path, Assert.Single(FileNames.Candidates(_scratch.FullPath, "zip.train")));
    }

    [Theory]
    [InlineData("train-labels-idx1-ubyte")]
    [InlineData("emnist-digits-train-images-idx3-ubyte")]
    [InlineData("t10k-images-idx3-ubyte")]
    [InlineData("train-images-idx3-ubyte.sha256")]
    [InlineData("other/train-images-idx3-ubyte")]
    public void AnotherNameIsAnotherFile(string name)
    {
        _scratch.Write(name, "content"u8);

        Assert.Empty(FileNames.Candidates(_scratch.FullPath, Name));
    }

    [Fact]
    public void ThePlainNameGoesFirstThenGzThenTheOthers()
    {
        string other = _scratch.Write("train-images.idx3-ubyte", "content"u8);
        string packed = _scratch.Write(Name + ".gz", "content"u8);
        string plain = _scratch.Write(Name, "content"u8);

        Assert.Equal([plain, packed, other], FileNames.Candidates(_scratch.FullPath, Name));
    }

    public void Dispose() => _scratch.Dispose();
}
