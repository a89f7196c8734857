using System.IO.Compression;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Data;

/// <summary>MNIST as tools lay it out: from each layout come the same digits.</summary>
public sealed class MnistLayoutTests : IDisposable
{
    private static readonly Lazy<Examples> s_expected = new(() => Load(DataFolder.Resolve(null), _ => { }).Test);

    private readonly ScratchFolder _scratch = new();

    [Theory]
    [InlineData("mnist/{0}.gz", true)]
    [InlineData("mnist/{1} (1)", false)]
    [InlineData("mnist/{1}.gz", true)]
    [InlineData("MNIST/raw/{0}.gz", true)]
    [InlineData("mnist/MNIST/raw/{0}", false)]
    [InlineData("{0}.gz", true)]
    [InlineData("mnist/{0}/{1}", false)]
    [InlineData("mnist/{0}", true)]
    [InlineData("mnist/{0}.gz", false)]
    public void EveryLayoutIsRead(string layout, bool isPacked)
    {
        foreach (MnistFile file in MnistFile.All)
        {
            Put(file, string.Format(null, layout, file.Name, file.Name.Replace("-idx", ".idx", StringComparison.Ordinal)), isPacked);
        }

        List<string> said = [];
        LoadedData data = Load(Folder, said.Add);

        Assert.Equal(s_expected.Value.Pixels, data.Test.Pixels);
        Assert.Equal(s_expected.Value.Labels, data.Test.Labels);
        Assert.Empty(said);
        Assert.StartsWith(_scratch.FullPath, data.Origin, StringComparison.Ordinal);
    }

    [Fact]
    public void ACutPlainFileDoesNotHideAWholeOneBesideIt()
    {
        foreach (MnistFile file in MnistFile.All)
        {
            Put(file, $"mnist/{file.Name}.gz", isPacked: true);
        }

        string cut = _scratch.Write($"mnist/{MnistFile.TestLabels.Name}", [0, 0, 8, 1, 0, 0, 0x27, 0x10, 7]);
        List<string> said = [];

        Assert.Equal(s_expected.Value.Labels, Load(Folder, said.Add).Test.Labels);
        string note = Assert.Single(said);
        Assert.StartsWith($"note: {cut}.gz is used instead of another: {cut}: it has 9 bytes", note, StringComparison.Ordinal);
    }

    [Fact]
    public void AFlippedBitAmongMnistsOtherFilesIsDamageAndNoOtherSet()
    {
        foreach (MnistFile file in MnistFile.All)
        {
            Put(file, $"mnist/{file.Name}", isPacked: false);
        }

        string path = _scratch.In("mnist", MnistFile.TestImages.Name);
        byte[] content = File.ReadAllBytes(path);
        content[5000] ^= 4;
        File.WriteAllBytes(path, content);

        string message = Assert.Throws<BadInputException>(() => Load(Folder, _ => { })).Message;

        Assert.StartsWith($"{path} is damaged, as the other three files beside it are MNIST's: its content has the SHA-256", message, StringComparison.Ordinal);
        Assert.DoesNotContain("another data set", message, StringComparison.Ordinal);
        Assert.Equal(2, message.Split("damaged").Length);
    }

    public void Dispose() => _scratch.Dispose();

    private DataFolder Folder => new(_scratch.FullPath, "the test's");

    private static LoadedData Load(DataFolder folder, Action<string> say) => DataSets.Mnist.Load(
        new DataRequest(DataSets.Mnist, 1, 50, SplitOrder.TestThenTrain, 1337), folder, say, TestContext.Current.CancellationToken);

    private void Put(MnistFile file, string name, bool isPacked)
    {
        DataFolder real = DataFolder.Resolve(null);
        Assert.SkipWhen(
            MnistDataSet.Missing(real).Length > 0,
            $"MNIST is not in the data folder; 'trainer data fetch' downloads it, or {DataFolder.Variable} names another.");
        string path = _scratch.In(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] content = file.Read(DataFolder.Find(real.Mnist, file.Name)!);
        using FileStream to = File.Create(path);
        using Stream stream = isPacked ? new GZipStream(to, CompressionLevel.NoCompression) : to;
        stream.Write(content);
    }
}
