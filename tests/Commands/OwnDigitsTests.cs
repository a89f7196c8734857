using System.Text.Json.Nodes;
using GpuConvnet.Tests.Data;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Commands;

/// <summary>A user's own digits by the program: trained, resumed, evaluated, reported, listed, looked at.</summary>
[Collection(nameof(EnvironmentVariables))]
public sealed class OwnDigitsTests : IDisposable
{
    private readonly ScratchFolder _digits = new();
    private readonly ScratchExperiment _experiment = new(passes: 3, train: 40);
    private readonly ScratchEnvironment _variables = new();

    public OwnDigitsTests()
    {
        _variables.Set(MnistDownload.Variable, "http://127.0.0.1:9/");
        _variables.Set(DataFolder.Variable, _digits.In());
        OwnIdx.Write(_digits, "own", 60, 30);
    }

    [Fact]
    public void ARunOnThemIsEvaluatedReportedAndListedWithoutBeingToldWhereTheyAre()
    {
        string run = _experiment.In("run");

        CommandRun trained = Train("--data", _digits.In("own"), "--out", run);
        CommandRun evaluated = CommandRun.Of("eval", run);
        CommandRun errors = CommandRun.Of("errors", run, "--out", _experiment.In("errors.png"));
        CommandRun reported = CommandRun.Of("report", run);

        Assert.Equal((0, 0, 0, 0), (trained.Code, evaluated.Code, errors.Code, reported.Code));
        string data = $"data: idx, 40 training and 30 test digits ({_digits.In("own")})";
        Assert.Contains(data, trained.Output, StringComparison.Ordinal);
        Assert.Contains(data, evaluated.Output, StringComparison.Ordinal);
        Assert.Equal(
            trained.OutputLines.Where(line => line.StartsWith("eval:", StringComparison.Ordinal)).TakeLast(2),
            evaluated.OutputLines.Where(line => line.StartsWith("eval:", StringComparison.Ordinal)));
        string page = File.ReadAllText(Path.Combine(run, "report.html"));
        Assert.Contains("idx (own), 40 / 30", page, StringComparison.Ordinal);
        Assert.DoesNotContain("the paper of 1989", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Karpathy", page, StringComparison.Ordinal);
        Assert.DoesNotContain("without digits", reported.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AResumedRunEndsAsOneThatWasNotInterruptedAlsoWhereTheDigitsHaveMoved()
    {
        string run = _experiment.In("run");
        JsonNode whole = JsonNode.Parse(Train("--data", _digits.In("own"), "--json").Output)!;
        using CancellationTokenSource stop = new();
        CommandRun begun = Train("--data", _digits.In("own"), "--out", run, "--checkpoint-every", "1");
        Assert.Equal(0, begun.Code);

        // As after a kill: the checkpoint of the first pass is there, and no result.
        File.Delete(Path.Combine(run, "result.json"));
        string[] checkpoints = [.. Directory.EnumerateFiles(Path.Combine(run, "checkpoints")).Order(StringComparer.Ordinal)];
        foreach (string later in checkpoints[1..])
        {
            File.Delete(later);
        }

        Directory.Move(_digits.In("own"), _digits.In("moved"));
        CommandRun lost = CommandRun.Of("--resume", run);
        CommandRun resumed = CommandRun.Of("--resume", run, "--data", _digits.In("moved"), "--json");

        Assert.Equal((2, 0), (lost.Code, resumed.Code));
        Assert.Contains(_digits.In("own"), lost.Error, StringComparison.Ordinal);
        Assert.Equal((string)whole["parametersSha256"]!, (string)JsonNode.Parse(resumed.Output)!["parametersSha256"]!);
    }

    [Fact]
    public void ARunDoesNotGoOnWithOtherDigits()
    {
        string run = _experiment.In("run");
        Assert.Equal(0, Train("--data", _digits.In("own"), "--out", run).Code);
        File.WriteAllBytes(_digits.In("own", "train-labels-idx1-ubyte"), OwnIdx.Labels(new byte[60]));

        CommandRun same = CommandRun.Of("eval", run);
        CommandRun others = CommandRun.Of("eval", run, "--dataset", "idx");

        Assert.Equal((2, 0), (same.Code, others.Code));
        Assert.Contains("has changed", same.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AConfigurationNamesThemRelativeToItself()
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(_experiment.Config))!;
        json["dataset"] = "idx";
        json["data"] = new JsonObject { ["folder"] = Path.GetRelativePath(Path.GetDirectoryName(_experiment.Config)!, _digits.In("own")) };

        CommandRun run = CommandRun.Of("--config", _experiment.Write("own.json", json));

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains($"data: idx, 40 training and 30 test digits ({_digits.In("own")})", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void MnistsNamesWithOthersDigitsAreRefusedWithTheWayToTrainOnThem()
    {
        OwnIdx.Write(_digits, "mnist", 500, 100);

        CommandRun refused = CommandRun.Of("--config", _experiment.Config, "--dataset", "mnist");
        CommandRun looked = CommandRun.Of("data");
        CommandRun trained = Train("--data", _digits.In("mnist"));

        Assert.Equal((2, 2, 0), (refused.Code, looked.Code, trained.Code));
        string path = _digits.In("mnist", "train-images-idx3-ubyte");
        Assert.Contains($"{path} holds another data set: 500 images of 28x28", refused.Error, StringComparison.Ordinal);
        Assert.Contains($"--dataset idx --data {_digits.In("mnist")}", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("delete", refused.Error + looked.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"{path}: 392,016 bytes, cannot be used", looked.Output, StringComparison.Ordinal);
        Assert.Contains("data: idx, 40 training and 50 test digits", trained.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void DataSaysGoodOfWhatTrainingAcceptsAndOfNothingElse()
    {
        CommandRun good = CommandRun.Of("data", "--dataset", "idx", "--data", _digits.In("own"));
        JsonNode json = JsonNode.Parse(CommandRun.Of("data", "--dataset", "idx", "--data", _digits.In("own"), "--json").Output)!;
        File.WriteAllBytes(_digits.In("own", "t10k-labels-idx1-ubyte"), OwnIdx.Labels(OwnIdx.Digits(29)));
        CommandRun bad = CommandRun.Of("data", "--dataset", "idx", "--data", _digits.In("own"));

        Assert.Equal((0, 2), (good.Code, bad.Code));
        Assert.Contains("train 60 digits; of 0 to 9: 6 6 6 6 6 6 6 6 6 6", good.Output, StringComparison.Ordinal);
        Assert.Equal(4, good.OutputLines.Count(line => line.EndsWith(", good", StringComparison.Ordinal)));
        Assert.DoesNotContain("mnist:", good.Output, StringComparison.Ordinal);
        Assert.Equal("idx", (string)json["datasets"]![0]!["dataset"]!);
        Assert.DoesNotContain(", good", bad.Output, StringComparison.Ordinal);
        Assert.Contains("30 images and", bad.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void DataLooksAtWhatLiesInTheFolderByItself()
    {
        OwnIdx.Write(_digits, "idx", 20, 10);

        CommandRun with = CommandRun.Of("data");
        CommandRun without = CommandRun.Of("data", "--data", _experiment.In());
        CommandRun asked = CommandRun.Of("data", "--data", _experiment.In(), "--dataset", "images");

        Assert.Equal((0, 0, 2), (with.Code, without.Code, asked.Code));
        Assert.Contains($"{_digits.In("idx", "train-images-idx3-ubyte")}: 15,696 bytes, good", with.Output, StringComparison.Ordinal);
        Assert.Contains("--dataset idx: docs/data.md", without.Output, StringComparison.Ordinal);
        Assert.Contains("There are no pictures", asked.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralSetsThatNobodyAskedForAreListedAndAreNoFault()
    {
        OwnIdx.Write(_digits, "MNIST/raw", 20, 10);
        OwnIdx.Write(_digits, "FashionMNIST/raw", 20, 10);
        Directory.Delete(_digits.In("own"), recursive: true);
        OwnIdx.Write(_digits, "KMNIST/raw", 20, 10);
        _digits.Write("note.png", "a picture that is nobody's digit"u8);

        CommandRun asked = Train();
        CommandRun run = CommandRun.Of("data", "--dataset", "auto");

        // What lies in MNIST's place and is not MNIST's is a fault; that there are other sets is none.
        Assert.Equal((2, 2), (asked.Code, run.Code));
        Assert.Contains($"several sets of idx files: {_digits.In("FashionMNIST", "raw")}, {_digits.In("KMNIST", "raw")}.", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("several sets", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("note.png", run.Output + run.Error, StringComparison.Ordinal);
        Assert.Contains("several sets", asked.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderOfOnesOwnDigitsIsNoDamagedMnist()
    {
        CommandRun run = CommandRun.Of("data", "--data", _digits.In("own"));

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("train-images-idx3-ubyte: missing", run.Output, StringComparison.Ordinal);
        Assert.Equal(4, run.OutputLines.Count(line => line.EndsWith(", good", StringComparison.Ordinal)));

        // Whoever would train on MNIST from there is told what is there, and nothing is downloaded beside it.
        CommandRun trained = CommandRun.Of("--config", _experiment.Config, "--dataset", "auto", "--data", _digits.In("own"));
        Assert.Equal(2, trained.Code);
        Assert.Contains("another data set: 60 images of 28x28", trained.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void OfSeveralSetsInAFolderTheCommandLineNamesOneByWhatItsNamesBeginWith()
    {
        OwnIdx.Write(_digits, "raw", 20, 10, "emnist-digits-", "test");
        OwnIdx.Write(_digits, "raw", 30, 15, "emnist-mnist-", "test");

        CommandRun several = Train("--data", _digits.In("raw"));
        CommandRun one = Train("--data", _digits.In("raw", "emnist-mnist"));

        Assert.Equal((2, 0), (several.Code, one.Code));
        Assert.Contains($"Say which: --data {_digits.In("raw", "emnist-digits")}", several.Error, StringComparison.Ordinal);
        Assert.Contains("30 training and 15 test digits", one.Output, StringComparison.Ordinal);
        Assert.Contains("EMNIST's by its name", one.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void TheOtherKindOfOnesOwnDigitsIsSuggestedWhereItIsThere()
    {
        _digits.Write("pictures/7/a.png", "a picture"u8);

        CommandRun idx = Train("--data", _digits.In("pictures"));
        CommandRun images = CommandRun.Of("--config", _experiment.Config, "--dataset", "images", "--data", _digits.In("own"));

        Assert.Equal((2, 2), (idx.Code, images.Code));
        Assert.Contains($"For what is in {_digits.In("pictures")} say --dataset images.", idx.Error, StringComparison.Ordinal);
        Assert.Contains($"For what is in {_digits.In("own")} say --dataset idx.", images.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mnist.npz", "is NumPy arrays (.npz)")]
    [InlineData("mnist.h5", "is HDF5 (.h5)")]
    public void AFileInPlaceOfTheFolderIsNamedForWhatItIs(string name, string what)
    {
        byte[] zip = [.. "PK\u0003\u0004"u8, .. new byte[22], 11, 0, 0, 0, .. "x_train.npy"u8];
        string path = _digits.Write(name, name.EndsWith('z') ? zip : [0x89, .. "HDF\r\n\u001a\n"u8]);

        CommandRun run = Train("--data", path);

        Assert.Equal(2, run.Code);
        Assert.Contains($"--data names {path}, which is a file. It {what}. docs/data.md", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TurnedDigitsAreGoodAndDataSaysThatTheyAreTurned()
    {
        byte[] digits = OwnIdx.Digits(60);
        _digits.Write("own/train-images-idx3-ubyte", OwnIdx.Images(digits, convert: pixel => (byte)(255 - pixel)));

        CommandRun run = CommandRun.Of("data", "--dataset", "idx", "--data", _digits.In("own"));

        Assert.Equal(0, run.Code);
        Assert.Contains("its images are dark on white: turned round", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void FetchDoesNotCallAnotherSetMnist()
    {
        OwnIdx.Write(_digits, "mnist", 500, 100);

        CommandRun run = CommandRun.Of("data", "fetch");

        Assert.Equal(2, run.Code);
        Assert.Contains("another data set", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void FashionMnistTrainsAsDebianInstallsIt()
    {
        const string Installed = "/usr/share/datasets/fashion-mnist";
        Assert.SkipUnless(Directory.Exists(Installed), $"{Installed} is not there; Debian's package dataset-fashion-mnist installs it.");

        CommandRun run = CommandRun.Of(
            "--config", "1989-base", "--passes", "2", "--dataset", "idx", "--data", Installed, "--json", "--accelerator", "host");

        // A guess is wrong nine times in ten, the network after two passes two.
        Assert.Equal(0, run.Code);
        JsonNode result = JsonNode.Parse(run.Output)!;
        Assert.Equal((2_007, "idx"), ((int)result["test"]!["examples"]!, (string)result["dataset"]!));
        Assert.InRange((int)result["test"]!["misses"]!, 200, 600);

        // What the article's experiment says of itself is of other digits.
        Assert.DoesNotContain("82 test misses", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ASweepOnThemRuns()
    {
        CommandRun run = CommandRun.Of(
            "sweep", "--config", _experiment.Config, "--dataset", "idx", "--data", _digits.In("own"), "--set", "optimizer.learningRate=0.01,0.03",
            "--validation", "15", "--out", _experiment.In("sweep"));

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("data: idx, 40 training and 15 validation digits", run.Output, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _variables.Dispose();
        _digits.Dispose();
        _experiment.Dispose();
    }

    private CommandRun Train(params string[] arguments) =>
        CommandRun.Of(["--config", _experiment.Config, "--dataset", "idx", .. arguments]);
}
