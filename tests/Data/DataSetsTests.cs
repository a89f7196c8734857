using GpuConvnet.Model;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer;
using GpuConvnet.Trainer.Data;

namespace GpuConvnet.Tests.Data;

[Collection(nameof(EnvironmentVariables))]
public sealed class DataSetsTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly string? _mirrors = Environment.GetEnvironmentVariable(MnistDownload.Variable);
    private readonly List<string> _said = [];

    // No test here ever asks a mirror of the real world.
    public DataSetsTests() =>
        Environment.SetEnvironmentVariable(MnistDownload.Variable, Mirror.Nobody.ToString());

    private DataFolder Folder => new(_scratch.FullPath, "a test's");

    [Fact]
    public void AutoWithoutMnistAndWithoutANetworkDrawsItsDigitsAndSaysSoInOneLine()
    {
        LoadedData data = Load(DatasetKind.Auto);

        Assert.Equal("builtin", data.Dataset);
        Assert.Equal((30, 20), (data.Train.Count, data.Test.Count));
        string line = Assert.Single(_said);
        Assert.Contains("built-in digits", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void AutoDoesNotHideADamagedFile()
    {
        foreach (MnistFile file in MnistFile.All)
        {
            _scratch.Write(Path.Combine("mnist", file.Name), [0, 0, 8, 3]);
        }

        string message = Assert.Throws<BadInputException>(() => Load(DatasetKind.Auto)).Message;

        Assert.Contains(MnistFile.TrainImages.Name, message, StringComparison.Ordinal);
        Assert.Contains("truncated", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AutoDoesNotHideADamagedFileBesideMissingOnes()
    {
        _scratch.Write(Path.Combine("mnist", MnistFile.TestLabels.Name), [1, 2, 3]);

        Assert.Contains(
            MnistFile.TestLabels.Name, Assert.Throws<BadInputException>(() => Load(DatasetKind.Auto)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void AutoTrainsWhereNothingCanBeDownloadedTo()
    {
        // A file where the folder should be: nothing can be written there, whoever asks.
        _scratch.Write("mnist", []);

        Assert.Equal("builtin", Load(DatasetKind.Auto).Dataset);
    }

    [Fact]
    public void MnistByNameIsRefusedWithoutIt()
    {
        string message = Assert.Throws<BadInputException>(() => Load(DatasetKind.Mnist)).Message;

        Assert.Contains(Folder.Mnist, message, StringComparison.Ordinal);
        Assert.Contains("--dataset builtin", message, StringComparison.Ordinal);
        Assert.Empty(_said);
    }

    [Fact]
    public void UspsByNameIsRefusedWithoutIt() => Assert.Contains(
        "zip.train", Assert.Throws<BadInputException>(() => Load(DatasetKind.Usps)).Message, StringComparison.Ordinal);

    [Fact]
    public void MoreDigitsThanThereAreAreRefused() => Assert.Contains(
        "7,291", Assert.Throws<BadInputException>(() => Load(DatasetKind.Usps, train: 7_292)).Message, StringComparison.Ordinal);

    [Fact]
    public void TheBuiltInSplitsShareNoDigit()
    {
        LoadedData data = Load(DatasetKind.Builtin, 500, 500);

        HashSet<string> train = [.. Images(data.Train)];
        Assert.Equal(500, train.Count);
        Assert.Empty(train.Intersect(Images(data.Test)));
    }

    [Fact]
    public void AFolderThatDoesNotExistIsRefused() => Assert.Contains(
        "does not exist",
        Assert.Throws<BadInputException>(() => DataFolder.Resolve(_scratch.In("nowhere"))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void TheCommandSaysWhatIsMissingAndHowToGetIt()
    {
        CommandRun run = CommandRun.Of("data", "--data", _scratch.FullPath);

        Assert.Equal(0, run.Code);
        Assert.Contains("train-images-idx3-ubyte: missing", run.Output, StringComparison.Ordinal);
        Assert.Contains("trainer data fetch", run.Output, StringComparison.Ordinal);
        Assert.Contains("zip.train: missing", run.Output, StringComparison.Ordinal);
        Assert.Contains("builtin", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void FetchWithoutAMirrorFailsWithTheNextStep()
    {
        CommandRun run = CommandRun.Of("data", "fetch", "--data", _scratch.FullPath);

        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains(MnistDownload.Variable, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void PreviewDrawsAPictureAndReplacesNone()
    {
        string picture = _scratch.In("sheet.png");
        string[] arguments = ["data", "preview", "--dataset", "builtin", "--count", "3", "--out", picture];

        CommandRun first = CommandRun.Of(arguments);
        byte[] png = File.ReadAllBytes(picture);
        CommandRun second = CommandRun.Of(arguments);
        CommandRun forced = CommandRun.Of([.. arguments, "--force", "--seed", "2"]);

        Assert.Equal((0, 2, 0), (first.Code, second.Code, forced.Code));
        Assert.Contains("--force", second.Error, StringComparison.Ordinal);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
        Assert.NotEqual(png, File.ReadAllBytes(picture));
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(MnistDownload.Variable, _mirrors);
        _scratch.Dispose();
    }

    private static IEnumerable<string> Images(Examples examples) => Enumerable.Range(0, examples.Count)
        .Select(index => string.Join(' ', examples.Image(index).ToArray()));

    private LoadedData Load(DatasetKind dataset, int train = 30, int test = 20) => DataSets.Load(
        new DataRequest(dataset, train, test, SplitOrder.TestThenTrain, 1), Folder, _said.Add,
        TestContext.Current.CancellationToken);
}
