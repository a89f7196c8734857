using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GpuConvnet.Model;
using GpuConvnet.Model.Digits;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Data;

/// <summary>From a request to its digits, without a network: every mirror is on this machine, mostly where nobody is.</summary>
[Collection(nameof(EnvironmentVariables))]
public sealed class DataSetsTests : IDisposable
{
    private const string Nobody = "http://127.0.0.1:9/";
    private const uint Seed = 1337;

    private readonly ScratchFolder _scratch = new();
    private readonly ScratchEnvironment _variables = new();
    private readonly List<string> _said = [];

    public DataSetsTests()
    {
        _variables.Set(MnistDownload.Variable, Nobody);
        _variables.Set(DataFolder.Variable, null);
    }

    private DataFolder Folder => new(_scratch.FullPath, "the test's");

    [Fact]
    public void AutoWithoutMnistDrawsDigitsAndSaysSoInOneLine()
    {
        LoadedData data = Load(DataSets.Auto, 30, 20);

        Assert.Same(DataSets.Builtin, data.Dataset);
        Assert.Equal(30, data.Train.Count);
        Assert.Equal(20, data.Test.Count);
        Assert.Equal(BuiltinDigits.Draw(30, Seed).Pixels, data.Train.Pixels);
        string line = Assert.Single(_said);
        Assert.Contains("built-in digits", line, StringComparison.Ordinal);
        Assert.Contains(Folder.Mnist, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void AutoDrawsDigitsWhereMnistCannotBeStored()
    {
        // A cache that cannot be written to is no reason not to train.
        _scratch.Write("mnist", "a file"u8);

        Assert.Same(DataSets.Builtin, Load(DataSets.Auto, 30, 20).Dataset);
        Assert.Contains("built-in digits", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7/a.png", "--dataset images")]
    [InlineData("7_001.png", "--dataset images")]
    [InlineData("images.idx", "--dataset idx")]
    [InlineData("zip.train", "--dataset usps")]
    [InlineData("usps/zip.train.gz", "--dataset usps")]
    [InlineData("notes.txt", "nothing is downloaded into it")]
    public void AutoRefusesANamedFolderOfOtherDigitsAndDownloadsNothingIntoIt(string name, string what)
    {
        using LocalMirror mirror = new(MirrorAnswer.Of(404));
        _variables.Set(MnistDownload.Variable, mirror.Address.ToString());
        _scratch.Write(name, "something"u8);

        string message = Assert.Throws<BadInputException>(() => LoadAutoFromOption()).Message;

        Assert.Contains(_scratch.FullPath, message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains("--dataset builtin", message, StringComparison.Ordinal);
        Assert.Empty(mirror.Requests);
        Assert.Single(_scratch.Names());
    }

    [Theory]
    [InlineData("7/a.png", "--dataset images")]
    [InlineData("images.idx", "--dataset idx")]
    [InlineData("notes.txt", "nothing is downloaded into it")]
    public void MnistByNameIsNotDownloadedIntoSomebodysFolderEither(string name, string what)
    {
        using LocalMirror mirror = new(MirrorAnswer.Of(404));
        _variables.Set(MnistDownload.Variable, mirror.Address.ToString());
        _scratch.Write(name, "something"u8);
        DataRequest request = new(DataSets.Mnist, 1, 1, SplitOrder.TestThenTrain, 1);
        DataFolder folder = DataFolder.Resolve(_scratch.FullPath);

        string message = Assert.Throws<BadInputException>(
            () => DataSets.Load(request, folder, _said.Add, TestContext.Current.CancellationToken)).Message;

        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains($"trainer data fetch --data {_scratch.FullPath}", message, StringComparison.Ordinal);
        Assert.Empty(mirror.Requests);
        Assert.Single(_scratch.Names());
    }

    [Fact]
    public void ATableInPlaceOfUspsIsNamed()
    {
        string pixels = string.Concat(Enumerable.Repeat(";-1,0", Shape1989.InputUnits));
        _scratch.Write("usps/zip.train.csv", Encoding.ASCII.GetBytes($"3{pixels}\n"));
        _scratch.Write("usps/zip.test.csv", Encoding.ASCII.GetBytes($"3{pixels}\n"));

        Assert.Contains(
            "decimal commas", Assert.Throws<BadInputException>(() => Load(DataSets.Usps, 1, 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("usps")]
    [InlineData("MNIST")]
    public void AutoFillsANamedFolderThatIsEmptyOrADataFolder(string? inner)
    {
        Directory.CreateDirectory(_scratch.In(inner ?? ""));
        using LocalMirror mirror = new(MirrorAnswer.Of(404));
        _variables.Set(MnistDownload.Variable, mirror.Address.ToString());

        Assert.Same(DataSets.Builtin, LoadAutoFromOption().Dataset);

        Assert.NotEmpty(mirror.Requests);
    }

    [Fact]
    public void AutoDoesNotHideADamagedFileBesideMissingOnes()
    {
        _scratch.Write(Path.Combine("mnist", MnistFile.TestLabels.Name), [1, 2, 3]);

        Assert.Contains(MnistFile.TestLabels.Name, Refusal(DataSets.Auto, 30, 20), StringComparison.Ordinal);
    }

    [Fact]
    public void AutoDoesNotPassOverADamagedMnist()
    {
        foreach (MnistFile file in MnistFile.All)
        {
            _scratch.Write(Path.Combine("mnist", file.Name), new byte[100]);
        }

        string message = Refusal(DataSets.Auto, 30, 20);

        Assert.Contains(Path.Combine(Folder.Mnist, MnistFile.TrainImages.Name), message, StringComparison.Ordinal);
        Assert.Empty(_said);
    }

    [Theory]
    [InlineData("mnist")]
    [InlineData("auto")]
    public void WhatStandsInMnistsPlaceIsNamedBeforeTheRestIsDownloaded(string dataset)
    {
        using LocalMirror mirror = new(MirrorAnswer.Of(404));
        _variables.Set(MnistDownload.Variable, mirror.Address.ToString());
        string pointer = _scratch.Write(
            Path.Combine("mnist", MnistFile.TestImages.Name), "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9912422\n"u8);

        string message = Refusal(DataSets.All.Single(set => set.Name == dataset), 30, 20);

        Assert.StartsWith($"{pointer} is not MNIST's t10k-images-idx3-ubyte but a pointer of Git LFS", message, StringComparison.Ordinal);
        Assert.Contains("git lfs pull", message, StringComparison.Ordinal);
        Assert.Empty(mirror.Requests);
    }

    [Fact]
    public void MnistByNameIsNothingElse()
    {
        using LocalMirror mirror = new(MirrorAnswer.Of(404));
        _variables.Set(MnistDownload.Variable, mirror.Address.ToString());

        string message = Refusal(DataSets.Mnist, 30, 20);

        Assert.Contains(Folder.Mnist, message, StringComparison.Ordinal);
        Assert.Contains("404", message, StringComparison.Ordinal);
        Assert.All(MnistFile.All, file => Assert.Contains(file.Name, message, StringComparison.Ordinal));
        Assert.Equal("/mnist/train-images-idx3-ubyte.gz", Assert.Single(mirror.Requests).Path);
        Assert.Empty(_said);
    }

    [Fact]
    public void MnistByNameWithNobodyThereIsRefused()
    {
        Assert.Contains("--dataset builtin", Refusal(DataSets.Mnist, 30, 20), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("mnist")]
    public void MirrorsThatAreNoAddressesAreRefused(string dataset)
    {
        _variables.Set(MnistDownload.Variable, $"{Nobody} ftp://example.invalid/mnist");

        string message = Refusal(DataSets.All.Single(set => set.Name == dataset), 30, 20);

        Assert.Contains(MnistDownload.Variable, message, StringComparison.Ordinal);
        Assert.Contains("ftp://example.invalid/mnist", message, StringComparison.Ordinal);
    }

    [Fact]
    public void UspsWithoutItsFilesIsRefused()
    {
        Assert.Contains(
            Path.Combine(Folder.Usps, "zip.train"), Refusal(DataSets.Usps, 30, 20), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("usps", "LIBSVM's copy of the training digits")]
    [InlineData("usps.bz2", "packed with bzip2, as torchvision downloads it")]
    [InlineData("usps.t.bz2", "LIBSVM's copy of the test digits")]
    [InlineData("usps.h5", "a copy in HDF5")]
    public void OtherCollectionsOfUspsAreNamedWithWhatToDo(string name, string what)
    {
        string path = _scratch.Write(Path.Combine("usps", name), "BZh9"u8);

        string message = Refusal(DataSets.Usps, 30, 20);

        Assert.Contains($"{path} is ", message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains("docs/data.md", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("USPS/zip.train.gz", "USPS/zip (1).test")]
    [InlineData("zip.train", "zip.test.txt")]
    [InlineData("usps/zip.train/zip.train", "usps/zip.test/zip.test")]
    public void UspsIsReadAsToolsLayItOut(string train, string test)
    {
        string pixels = string.Concat(Enumerable.Repeat(" -0.25", Shape1989.InputUnits));
        _scratch.Write(train, Encoding.ASCII.GetBytes($"3{pixels}\n4{pixels}\n"));
        _scratch.Write(test, Encoding.ASCII.GetBytes($"5{pixels}\n"));

        LoadedData data = Load(DataSets.Usps, 2, 1);

        Assert.Equal([3, 4], data.Train.Labels);
        Assert.Equal([5], data.Test.Labels);
        Assert.Equal(Path.GetDirectoryName(_scratch.In(train)), data.Origin);
    }

    [Fact]
    public void ACutFileOfUspsDoesNotHideAWholeOneBesideIt()
    {
        string pixels = string.Concat(Enumerable.Repeat(" -0.25", Shape1989.InputUnits));
        string cut = _scratch.Write("usps/zip.train", Encoding.ASCII.GetBytes($"3{pixels}\n4 -0.25"));
        _scratch.Write("usps/zip.train.gz", Encoding.ASCII.GetBytes($"3{pixels}\n4{pixels}\n"));
        _scratch.Write("usps/zip.test", Encoding.ASCII.GetBytes($"5{pixels}\n"));

        Assert.Equal([3, 4], Load(DataSets.Usps, 2, 1).Train.Labels);
        Assert.Contains($"{cut}.gz is used instead of another: {cut}, line 2", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void UspsIsReadFromBothFilesPlainOrCompressed()
    {
        string pixels = string.Concat(Enumerable.Repeat(" -0.25", Shape1989.InputUnits));
        _scratch.Write(Path.Combine("usps", "zip.train"), Encoding.ASCII.GetBytes($"3{pixels}\n4{pixels}\n"));
        _scratch.Write(Path.Combine("usps", "zip.test.gz"), Encoding.ASCII.GetBytes($"5{pixels}\n"));

        LoadedData data = Load(DataSets.Usps, 2, 1);

        Assert.Same(DataSets.Usps, data.Dataset);
        Assert.Equal([3, 4], data.Train.Labels);
        Assert.Equal([5], data.Test.Labels);
    }

    [Theory]
    [InlineData("usps", 7_292, 1)]
    [InlineData("usps", 1, 2_008)]
    [InlineData("builtin", int.MaxValue, 1)]
    [InlineData("builtin", 1, int.MaxValue)]
    [InlineData("auto", int.MaxValue, 1)]
    public void MoreDigitsThanThereAreAreRefused(string dataset, int train, int test)
    {
        string message = Refusal(DataSets.All.Single(set => set.Name == dataset), train, test);

        Assert.Contains(train > test ? "training digits" : "test digits", message, StringComparison.Ordinal);
        Assert.Contains("Ask for fewer", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60_001, 10_000)]
    [InlineData(60_000, 10_001)]
    public void MoreDigitsThanMnistHasAreRefused(int train, int test)
    {
        _variables.Dispose();
        DataFolder folder = DataFolder.Resolve(null);
        Assert.SkipWhen(
            MnistDataSet.Missing(folder).Length > 0,
            $"MNIST is not in the data folder; 'trainer data fetch' downloads it, or {DataFolder.Variable} names another.");
        DataRequest request = new(DataSets.Mnist, train, test, SplitOrder.TestThenTrain, Seed);

        string message = Assert.Throws<BadInputException>(() =>
            DataSets.Load(request, folder, _said.Add, TestContext.Current.CancellationToken)).Message;

        Assert.Contains(train > 60_000 ? "training digits" : "test digits", message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoBuiltInDigitIsBothTrainedAndTestedOn()
    {
        LoadedData data = Load(DataSets.Builtin, 7_291, 2_007);

        HashSet<string> trained = [.. Fingerprints(data.Train)];
        Assert.DoesNotContain(Fingerprints(data.Test), trained.Contains);
        Assert.Empty(_said);
    }

    [Fact]
    public void ANamedFolderThatDoesNotExistIsRefused()
    {
        string missing = _scratch.In("missing");
        string option = Assert.Throws<BadInputException>(() => DataFolder.Resolve(missing)).Message;
        _variables.Set(DataFolder.Variable, missing);
        string variable = Assert.Throws<BadInputException>(() => DataFolder.Resolve(null)).Message;

        Assert.Contains(missing, option, StringComparison.Ordinal);
        Assert.Contains("--data", option, StringComparison.Ordinal);
        Assert.Contains(missing, variable, StringComparison.Ordinal);
        Assert.Contains(DataFolder.Variable, variable, StringComparison.Ordinal);
    }

    [Fact]
    public void TheOptionGoesBeforeTheVariableAndThatBeforeTheCache()
    {
        Directory.CreateDirectory(_scratch.In("option"));
        Directory.CreateDirectory(_scratch.In("variable"));
        _variables.Set("XDG_CACHE_HOME", _scratch.In("cache"));

        Assert.Equal(_scratch.In("cache", "gpuconvnet"), DataFolder.Resolve(null).FullPath);
        _variables.Set(DataFolder.Variable, _scratch.In("variable"));
        Assert.Equal(_scratch.In("variable"), DataFolder.Resolve(null).FullPath);
        Assert.Equal(_scratch.In("option"), DataFolder.Resolve(_scratch.In("option")).FullPath);
    }

    public void Dispose()
    {
        _variables.Dispose();
        _scratch.Dispose();
    }

    private static IEnumerable<string> Fingerprints(Examples examples) => Enumerable.Range(0, examples.Count).Select(i =>
        Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(examples.Image(i)))));

    private LoadedData Load(DataSet dataset, int train, int test) => DataSets.Load(
        new DataRequest(dataset, train, test, SplitOrder.TestThenTrain, Seed), Folder, _said.Add,
        TestContext.Current.CancellationToken);

    private LoadedData LoadAutoFromOption() => DataSets.Load(
        new DataRequest(DataSets.Auto, 30, 20, SplitOrder.TestThenTrain, Seed), Folder with { IsOption = true }, _said.Add,
        TestContext.Current.CancellationToken);

    private string Refusal(DataSet dataset, int train, int test) =>
        Assert.Throws<BadInputException>(() => Load(dataset, train, test)).Message;
}
