using System.Text;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Data;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Commands;

[Collection(nameof(EnvironmentVariables))]
public sealed class DataCommandTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly ScratchEnvironment _variables = new();

    // No test here ever asks a mirror of the real world.
    public DataCommandTests() => _variables.Set(MnistDownload.Variable, "http://127.0.0.1:9/");

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

    [Theory]
    [InlineData("mnist/train-labels-idx1-ubyte", false, "where MNIST's train-labels-idx1-ubyte has")]
    [InlineData("mnist/train-labels-idx1-ubyte", true, "where MNIST's train-labels-idx1-ubyte has")]
    [InlineData("mnist/t10k-images-idx3-ubyte.gz", false, "trainer data fetch")]
    public void ADamagedFileIsBadInputAndWhichItIsIsSaid(string name, bool isJson, string what)
    {
        string path = _scratch.Write(name.TrimEnd('z', 'g', '.'), "no digits"u8);
        if (name.EndsWith(".gz", StringComparison.Ordinal))
        {
            File.Move(path, path += ".gz");
        }

        CommandRun run = CommandRun.Of(["data", "--data", _scratch.FullPath, .. isJson ? ["--json"] : Array.Empty<string>()]);

        Assert.Equal(2, run.Code);
        Assert.Contains(path, run.Error, StringComparison.Ordinal);
        Assert.Contains(what, run.Error, StringComparison.Ordinal);

        // The file may be somebody's own: the way out leaves it as it is.
        Assert.Contains("Move it away", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("delete", run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(path, run.Output, StringComparison.Ordinal);
        Assert.Contains("builtin", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileInPlaceOfTheFolderIsCalledOne()
    {
        string file = _scratch.Write("digits", "no folder"u8);

        CommandRun run = CommandRun.Of("data", "--data", file);

        Assert.Equal(2, run.Code);
        Assert.Contains($"--data names {file}, which is a file", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderOfPicturesThatCannotBeUsedHasNoNumberOfBytes()
    {
        _scratch.Write("words/seven.png", "no digit says its name"u8);

        CommandRun run = CommandRun.Of("data", "--dataset", "images", "--data", _scratch.In("words"));

        Assert.Equal(2, run.Code);
        Assert.Contains($"  {_scratch.In("words")}: cannot be used", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ALinkIsAsLongAsWhatItLeadsTo()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        string content = string.Concat(Enumerable.Repeat("no example\n", 1000));
        _scratch.Write("usps/zip.test", "6 0.5\n"u8);
        File.CreateSymbolicLink(
            Path.Combine(_scratch.FullPath, "usps", "zip.train"), _scratch.Write("elsewhere", Encoding.UTF8.GetBytes(content)));

        Assert.Contains("zip.train: 11,000 bytes", CommandRun.Of("data", "--data", _scratch.FullPath).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ALineOfUspsThatIsNoExampleIsDamageToo()
    {
        string train = _scratch.Write("usps/zip.train", "6 0.5 0.5\n"u8);
        _scratch.Write("usps/zip.test", "6 0.5 0.5\n"u8);

        CommandRun run = CommandRun.Of("data", "--data", _scratch.FullPath);

        Assert.Equal(2, run.Code);
        Assert.Contains($"{train}, line 1: 3 numbers", run.Error, StringComparison.Ordinal);
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

    [Fact]
    public void APicturesFolderIsCreatedAndAFileIsNotTakenForOne()
    {
        string picture = _scratch.In("missing", "deeper", "sheet.png");
        string[] arguments = ["data", "preview", "--dataset", "builtin", "--count", "3", "--out"];

        CommandRun drawn = CommandRun.Of([.. arguments, picture]);
        CommandRun refused = CommandRun.Of([.. arguments, Path.Combine(picture, "sheet.png")]);

        Assert.Equal((0, 2), (drawn.Code, refused.Code));
        Assert.True(File.Exists(picture));
        Assert.Contains("cannot be written", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Name a file in a folder that is yours.", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void PreviewShowsWhatAnExperimentDoesToImages()
    {
        using ScratchExperiment experiment = new();
        JsonNode json = JsonNode.Parse(File.ReadAllText(experiment.Config))!;
        json["rotate"] = 15;
        json["elastic"] = 0.5;
        string distorting = experiment.Write("distorting.json", json);
        string plain = _scratch.In("plain.png"), picture = _scratch.In("augmented.png");

        CommandRun none = CommandRun.Of("data", "preview", "--config", experiment.Config, "--augmented", "--out", plain);
        CommandRun whole = CommandRun.Of("data", "preview", "--config", distorting, "--count", "3", "--out", plain);
        CommandRun augmented = CommandRun.Of(
            "data", "preview", "--config", distorting, "--augmented", "--count", "3", "--out", picture);

        Assert.Equal((2, 0, 0), (none.Code, whole.Code, augmented.Code));
        Assert.Contains("'elastic'", none.Error, StringComparison.Ordinal);
        Assert.NotEqual(File.ReadAllBytes(plain), File.ReadAllBytes(picture));
    }

    public void Dispose()
    {
        _variables.Dispose();
        _scratch.Dispose();
    }
}
