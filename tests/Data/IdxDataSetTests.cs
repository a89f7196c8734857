using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Data;

/// <summary>Anyone's digits in MNIST's format, as they are found, checked, converted, chosen and reduced.</summary>
public sealed class IdxDataSetTests : IDisposable
{
    private const uint Seed = 1337;

    private readonly ScratchFolder _scratch = new();
    private readonly List<string> _said = [];

    [Fact]
    public void DigitsOfMnistsSizeAreChosenAndReducedAsMnistsAre()
    {
        OwnIdx.Write(_scratch, "", 40, 20);

        LoadedData data = Load(30, 10);

        (int[] train, int[] test) = MnistReduction.Permutations(Seed, SplitOrder.TestThenTrain, 40, 20);
        byte[] images = OwnIdx.Images(OwnIdx.Digits(40))[16..];
        Assert.Equal(MnistReduction.Reduce(images, OwnIdx.Digits(40), train.AsSpan(0, 30)).Pixels, data.Train.Pixels);
        Assert.Equal(test.Take(10).Select(index => (byte)(index % 10)), data.Test.Labels);
        Assert.Empty(_said);
    }

    [Fact]
    public void DigitsOfTheNetworksSizeStayAsTheyAre()
    {
        Write(16, 16);

        LoadedData data = Load(1, 1);

        int first = MnistReduction.Permutations(Seed, SplitOrder.TestThenTrain, 20, 0).Train[0];
        Assert.Equal(OwnIdx.Image((byte)(first % 10), first, 16, 16).Select(pixel => pixel / 127.5f - 1), data.Train.Pixels);
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(20, 20)]
    [InlineData(32, 32)]
    [InlineData(56, 56)]
    [InlineData(100, 60)]
    [InlineData(20, 300)]
    public void DigitsOfAnyOtherSizeBecome16By16WithInkAndPaper(int rows, int columns)
    {
        Write(rows, columns);

        float[] pixels = Load(16, 4).Train.Pixels;

        Assert.Equal(16 * 256, pixels.Length);
        Assert.All(pixels, pixel => Assert.InRange(pixel, -1, 1));
        Assert.All(Enumerable.Range(0, 16), image => Assert.InRange(pixels[(image * 256)..(image * 256 + 256)].Max(), -0.9f, 1));
        Assert.Equal(-1, pixels.Order().ElementAt(pixels.Length / 2));
    }

    [Fact]
    public void ALargerImageIsAveragedAndNoStrokeIsPassedOver()
    {
        // Bilinearly, two in seven rows of 112 are looked at: of a stroke of one row most would be gone.
        Write(112, 112);
        byte[] thin = OwnIdx.Images(new byte[20], 112, 112, _ => 0);
        for (int image = 0; image < 20; image++)
        {
            thin.AsSpan(16 + (image * 112 + 40 + image) * 112 + 1, 110).Fill(255);
        }

        _scratch.Write("images.idx", thin);

        float[] pixels = Load(16, 4).Train.Pixels;

        Assert.All(
            Enumerable.Range(0, 16), image => Assert.InRange(pixels.AsSpan(image * 256, 256).ToArray().Sum(pixel => pixel + 1), 1, 8));
    }

    [Theory]
    [InlineData("{0}-images-idx3-ubyte.gz", "{0}-labels-idx1-ubyte.gz", "train", "t10k")]
    [InlineData("qmnist-{0}-images-idx3-ubyte.gz", "qmnist-{0}-labels-idx2-int.gz", "train", "test")]
    [InlineData("KMNIST/raw/{0}-images.idx3-ubyte", "KMNIST/raw/{0}-labels.idx1-ubyte", "train", "t10k")]
    [InlineData("{0}-images-idx3-ubyte/{0}-images.idx3-ubyte", "{0}-labels-idx1-ubyte/{0}-labels.idx1-ubyte", "train", "t10k")]
    [InlineData("{0}_images (1).idx", "{0}_labels.idx", "training", "testing")]
    public void FilesAreFoundByTheNamesThatSetsAndToolsGiveThem(string images, string labels, string train, string test)
    {
        foreach ((string split, int count) in new[] { (train, 20), (test, 10) })
        {
            byte[] digits = OwnIdx.Digits(count);
            _scratch.Write(string.Format(null, images, split), OwnIdx.Images(digits));
            _scratch.Write(
                string.Format(null, labels, split), labels.Contains("idx2", StringComparison.Ordinal) ? OwnIdx.Qmnist(digits) : OwnIdx.Labels(digits));
        }

        LoadedData data = Load(20, 10);

        Assert.Equal((20, 10), (data.Train.Count, data.Test.Count));
        Assert.All(Enumerable.Range(0, 10), digit => Assert.Equal(2, data.Train.Labels.Count(label => label == digit)));
    }

    [Theory]
    [InlineData("train/images", "train/labels", "test/images", "test/labels")]
    [InlineData("Training_Set/images.gz", "Training_Set/labels.gz", "Test_Set/images.gz", "Test_Set/labels.gz")]
    [InlineData("train/train-images-idx3-ubyte", "train/train-labels-idx1-ubyte", "test/t10k-images-idx3-ubyte", "test/t10k-labels-idx1-ubyte")]
    [InlineData("x_train_images", "y_train_labels", "x_test_images", "y_test_labels")]
    public void FoldersOfSplitsAndVariablesNamesAreOneSet(string trainImages, string trainLabels, string testImages, string testLabels)
    {
        _scratch.Write(trainImages, OwnIdx.Images(OwnIdx.Digits(20)));
        _scratch.Write(trainLabels, OwnIdx.Labels(OwnIdx.Digits(20)));
        _scratch.Write(testImages, OwnIdx.Images(OwnIdx.Digits(10)));
        _scratch.Write(testLabels, OwnIdx.Labels(OwnIdx.Digits(10)));

        LoadedData data = Load(20, 10);

        Assert.Equal((20, 10), (data.Train.Count, data.Test.Count));
        Assert.Equal(_scratch.In(trainImages), data.Files!.TrainImages);
    }

    [Fact]
    public void ATestSplitByItselfIsNotProposedToTrainOn()
    {
        OwnIdx.Write(_scratch, "a", 20, 10);
        OwnIdx.Write(_scratch, "b", 20, 10);
        foreach (string name in new[] { "train-images-idx3-ubyte", "train-labels-idx1-ubyte" })
        {
            File.Delete(_scratch.In("a", name));
        }

        Assert.Contains($"Say which: --data {_scratch.In("b")}", Refusal(1, 1), StringComparison.Ordinal);
        File.Delete(_scratch.In("b", "train-labels-idx1-ubyte"));
        Assert.Contains("None is whole", Refusal(1, 1), StringComparison.Ordinal);
        Assert.DoesNotContain("--data ", Refusal(1, 1), StringComparison.Ordinal);
    }

    [Fact]
    public void ADigitThatIsNotTrainedOnIsSaid()
    {
        byte[] digits = [.. OwnIdx.Digits(60).Where(digit => digit < 8)];
        _scratch.Write("images.idx", OwnIdx.Images(digits));
        _scratch.Write("labels.idx", OwnIdx.Labels(digits));

        Load(16, 4);

        Assert.StartsWith("note: no training digit is an 8 or a 9 (", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void ACutFileDoesNotHideAWholeOneBesideIt()
    {
        OwnIdx.Write(_scratch, "", 20, 10);
        _scratch.Write("train-images-idx3-ubyte.gz", OwnIdx.Images(OwnIdx.Digits(20)));
        string cut = _scratch.Write("train-images-idx3-ubyte", OwnIdx.Images(OwnIdx.Digits(20)).AsSpan()[..^5]);

        Assert.Equal(20, Load(20, 10).Train.Count);
        Assert.StartsWith($"note: {cut}.gz is used instead of another: {cut} says it holds 20 x 28 x 28", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(null)]
    public void RowsAndColumnsOfEmnistChangePlaces(bool? transpose)
    {
        OwnIdx.Write(_scratch, "plain", 20, 20);
        OwnIdx.Write(_scratch, "turned", 20, 20, transpose is null ? "emnist-digits-" : "", "test");
        Examples plain = Load(20, 20, new DataFiles { Folder = _scratch.In("plain") }).Train;

        Examples turned = Load(20, 20, new DataFiles { Folder = _scratch.In("turned"), Transpose = transpose }).Train;

        for (int pixel = 0; pixel < 256; pixel++)
        {
            Assert.Equal(plain.Image(7)[pixel], turned.Image(7)[pixel % 16 * 16 + pixel / 16]);
        }

        Assert.Equal(transpose is null, _said.Any(line => line.Contains("EMNIST's by its name", StringComparison.Ordinal)));
        Examples told = Load(20, 20, new DataFiles { Folder = _scratch.In("turned"), Transpose = false }).Train;
        Assert.Equal(plain.Pixels, told.Pixels);
    }

    [Fact]
    public void WhiteOnBlackAndBlackOnWhiteAreTheSameDigitsAndThatIsSaid()
    {
        Write(28, 28);
        Examples right = Load(16, 4).Train;
        Write(28, 28, pixel => (byte)(255 - pixel));

        Assert.Equal(right.Pixels, Load(16, 4).Train.Pixels);
        Assert.Contains("dark on white: turned round", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void ZerosAndOnesAreTakenForPaperAndInk()
    {
        Write(28, 28, pixel => (byte)(pixel > 0 ? 1 : 0));

        Assert.Equal(1, Load(16, 4).Train.Pixels.Max(), 0.4f);
        Assert.Contains("its pixels are 0 and 1", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void PixelsThatAreTooDimToBeBytesAreRefused()
    {
        Write(28, 28, pixel => (byte)(pixel / 16));

        Assert.Contains("no pixel is above 15", Refusal(1, 1), StringComparison.Ordinal);
        Assert.Contains("Multiply them by 17", Refusal(1, 1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 200, "its paper is grey (100), its ink lighter (to 200)")]
    [InlineData(150, 40, "its paper is grey (150), its ink darker (to 40)")]
    [InlineData(225, 10, "its paper is grey (225), its ink darker (to 10)")]
    public void GreyPaperIsPaperAndThatIsSaid(int paper, int ink, string what)
    {
        Write(28, 28);
        Examples right = Load(16, 4).Train;
        Write(28, 28, pixel => (byte)Math.Round(paper + (ink - paper) * pixel / 255.0));

        Examples converted = Load(16, 4).Train;

        // The paper to the bit, ink but for what 100 levels cannot say.
        Assert.All(right.Pixels.Zip(converted.Pixels), pair => Assert.Equal(pair.First, pair.Second, pair.First == -1 ? 0 : 0.03f));
        Assert.Contains(what, Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void PaperAndInkOfNearlyTheSameGreyAreRefused()
    {
        Write(28, 28, pixel => (byte)(120 + pixel / 10));

        Assert.Contains("its paper is grey (120)", Refusal(16, 4), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(0.3, true)]
    [InlineData(0.1, false)]
    public void ImagesOfWhichManyAreTurnedRoundAreRefusedAndFewAreSaid(double turned, bool isRefused)
    {
        int at = 0;
        Write(28, 28, pixel => at++ / (28 * 28) < turned * 100 ? (byte)(255 - pixel) : pixel, count: 100);

        if (isRefused)
        {
            Assert.Contains("of 100 images are dark on white", Refusal(80, 20), StringComparison.Ordinal);
        }
        else
        {
            Load(80, 20);
            Assert.Contains("10 of 100 images are dark on white", Assert.Single(_said), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(77)]
    [InlineData(255)]
    public void ImagesWithNothingInThemAreRefused(byte level)
    {
        Write(28, 28, _ => level);

        Assert.Contains($"all 20 images are {level}", Refusal(16, 4), StringComparison.Ordinal);
    }

    [Fact]
    public void ImagesThatFillTheirEdgesWithAllLevelsAreTakenAsTheyAreAndThatIsSaid()
    {
        int at = 0;
        Write(28, 28, _ => (byte)(at++ * 89 % 256));

        Load(16, 4);

        Assert.Contains("no plain paper", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void ATestSplitOfAnotherShapeIsRefused()
    {
        OwnIdx.Write(_scratch, "", 50, 20);
        string test = _scratch.Write("t10k-images-idx3-ubyte", OwnIdx.Images(OwnIdx.Digits(20), 14, 112));

        string message = Refusal(40, 10);

        Assert.Contains("28x28", message, StringComparison.Ordinal);
        Assert.Contains($"{test} of 14x112", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(28, 28, 1)]
    [InlineData(1, 28, 28)]
    public void AChannelOfOneIsNoDimension(int first, int second, int third)
    {
        Write(28, 28);
        Examples right = Load(16, 4).Train;
        byte[] images = OwnIdx.Images(OwnIdx.Digits(20));
        _scratch.Write("images.idx", [.. Header(20, first, second, third), .. images[16..]]);

        Assert.Equal(right.Pixels, Load(16, 4).Train.Pixels);
    }

    [Fact]
    public void ColourIsNamed()
    {
        Write(28, 28);
        _scratch.Write("images.idx", [.. Header(20, 28, 28, 3), .. new byte[20 * 28 * 28 * 3]]);

        Assert.Contains("3 channels a pixel, which is colour", Refusal(16, 4), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x_train", "y_train", "x_test", "y_test")]
    [InlineData("X_train.idx", "y_train.idx.gz", "X_test.idx", "y_test.idx")]
    [InlineData("train_x", "train_y", "test_x", "test_y")]
    [InlineData("my_x_train.idx3-ubyte", "my_y_train.idx1-ubyte", "my_x_test.idx3-ubyte", "my_y_test.idx1-ubyte")]
    public void NamesOfVariablesAreFoundWhereTheirContentIsIdx(string trainImages, string trainLabels, string testImages, string testLabels)
    {
        _scratch.Write(trainImages, OwnIdx.Images(OwnIdx.Digits(50)));
        _scratch.Write(trainLabels, OwnIdx.Labels(OwnIdx.Digits(50)));
        _scratch.Write(testImages, OwnIdx.Images(OwnIdx.Digits(20)));
        _scratch.Write(testLabels, OwnIdx.Labels(OwnIdx.Digits(20)));

        LoadedData data = Load(50, 20);

        Assert.Equal((50, 20), (data.Train.Count, data.Test.Count));
        _scratch.Write("z/x_train", "no idx file"u8);
        Assert.Equal(50, Load(50, 20).Train.Count);
    }

    [Fact]
    public void FewerThanWereAskedForAreAllAndThatIsSaid()
    {
        OwnIdx.Write(_scratch, "", 50, 20);

        LoadedData data = Load(7_291, 2_007);

        Assert.Equal((50, 20), (data.Train.Count, data.Test.Count));
        Assert.Contains("50 are trained on (7,291 were asked for), 20 tested on (2,007)", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void OfOneSplitTheLastFifthIsTestedOnAndNeverTrainedOrValidatedOn()
    {
        Write(28, 28, count: 100);
        int[] order = MnistReduction.Permutations(Seed, SplitOrder.TestThenTrain, 100, 0).Train;

        LoadedData tested = Load(7_291, 2_007);
        LoadedData validated = Load(7_291, 2_007, validation: 30);

        Assert.Equal((80, 20, false), (tested.Train.Count, tested.Test.Count, tested.IsValidation));
        Assert.Equal(Labels(order[80..]), tested.Test.Labels);
        Assert.Equal((50, 30, true), (validated.Train.Count, validated.Test.Count, validated.IsValidation));
        Assert.Equal(Labels(order[50..80]), validated.Test.Labels);
        Assert.Equal(tested.Train.Labels[..50], validated.Train.Labels);

        static IEnumerable<byte> Labels(int[] chosen) => chosen.Select(index => (byte)(index % 10));
    }

    [Fact]
    public void ARunThatValidatesTrainsOnTheDigitsOfOneThatTestsAndReadsNoTestSplit()
    {
        OwnIdx.Write(_scratch, "", 60, 20);
        LoadedData tested = Load(30, 10);
        File.WriteAllBytes(_scratch.In("t10k-labels-idx1-ubyte"), [1, 2, 3]);

        LoadedData validated = Load(30, 10, validation: 20);

        Assert.Equal(tested.Train.Pixels, validated.Train.Pixels);
        Assert.Equal(20, validated.Test.Count);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(61)]
    public void ValidationThatLeavesNothingToTrainOnIsRefused(int validation)
    {
        OwnIdx.Write(_scratch, "", 60, 20);

        Assert.Contains("leave none to train on", Refusal(30, 10, validation: validation), StringComparison.Ordinal);
    }

    [Fact]
    public void OfSeveralSetsOneIsChosenByItsPrefixOrNone()
    {
        OwnIdx.Write(_scratch, "raw", 20, 10, "emnist-digits-", "test");
        OwnIdx.Write(_scratch, "raw", 30, 10, "emnist-mnist-", "test");

        string message = Refusal(1, 1);

        Assert.Contains("several sets", message, StringComparison.Ordinal);
        Assert.Contains("\"prefix\": \"emnist-digits\"", message, StringComparison.Ordinal);
        Assert.Equal(30, Load(99, 10, new DataFiles { Folder = _scratch.In("raw"), Prefix = "emnist-mnist" }).Train.Count);
    }

    [Theory]
    [InlineData("train-images-idx3-ubyte", "training images are missing")]
    [InlineData("train-labels-idx1-ubyte", "training labels are missing")]
    [InlineData("t10k-images-idx3-ubyte", "test images are missing")]
    [InlineData("t10k-labels-idx1-ubyte", "test labels are missing")]
    public void AFileThatIsMissingIsNamed(string name, string what)
    {
        OwnIdx.Write(_scratch, "", 20, 10);
        File.Delete(_scratch.In(name));

        Assert.Contains(what, Refusal(1, 1), StringComparison.Ordinal);
    }

    [Fact]
    public void WhereThereIsNothingWhatIsThereIsNamed()
    {
        _scratch.Write("a-package.json", "{ \"name\": \"of no interest here\" }"u8);
        string npz = _scratch.Write("kmnist-train-imgs.npy", [0x93, .. "NUMPY"u8]);

        string message = Refusal(1, 1);

        Assert.Contains($"There are no idx files", message, StringComparison.Ordinal);
        Assert.Contains($"{npz} is a NumPy array", message, StringComparison.Ordinal);
        Assert.DoesNotContain("package.json", message, StringComparison.Ordinal);
        Assert.Contains("docs/data.md", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ImagesAndLabelsThatDoNotBelongTogetherAreRefused()
    {
        OwnIdx.Write(_scratch, "", 20, 10);
        File.WriteAllBytes(_scratch.In("train-labels-idx1-ubyte"), OwnIdx.Labels(OwnIdx.Digits(19)));

        Assert.Contains("20 images and", Refusal(1, 1), StringComparison.Ordinal);
        Assert.Contains("19 labels", Refusal(1, 1), StringComparison.Ordinal);
    }

    [Fact]
    public void LettersAreRefusedWithTheReason()
    {
        OwnIdx.Write(_scratch, "", 20, 10);
        File.WriteAllBytes(_scratch.In("train-labels-idx1-ubyte"), OwnIdx.Labels([.. Enumerable.Range(1, 20).Select(label => (byte)label)]));

        string message = Refusal(1, 1);

        Assert.Contains("label 9 is 10", message, StringComparison.Ordinal);
        Assert.Contains("ten outputs", message, StringComparison.Ordinal);
        Assert.Contains("EMNIST", message, StringComparison.Ordinal);
    }

    [Fact]
    public void DigitsThatAreNoLongerThoseWrittenDownAreRefused()
    {
        OwnIdx.Write(_scratch, "", 20, 10);
        DataFiles files = Load(10, 10).Files!;
        Assert.Equal(files, Load(10, 10, files).Files);
        File.WriteAllBytes(_scratch.In("train-labels-idx1-ubyte"), OwnIdx.Labels(new byte[20]));

        Assert.Contains("has changed", Assert.Throws<BadInputException>(() => Load(10, 10, files)).Message, StringComparison.Ordinal);
        Assert.Equal(20, Load(20, 10, files.Unchecked).Train.Count);
    }

    [Fact]
    public void ADamagedFileIsToBeReplacedOrLeftAndNeverDeleted()
    {
        OwnIdx.Write(_scratch, "", 20, 10);
        File.WriteAllBytes(_scratch.In("train-images-idx3-ubyte"), OwnIdx.Images(OwnIdx.Digits(20))[..^5]);

        string message = Refusal(1, 1);

        Assert.Contains("truncated", message, StringComparison.Ordinal);
        Assert.Contains("Put a whole copy in its place, or name another folder with --data", message, StringComparison.Ordinal);
    }

    [Fact]
    public void FashionMnistIsReadAsDebianInstallsIt()
    {
        const string Installed = "/usr/share/datasets/fashion-mnist";
        Assert.SkipUnless(Directory.Exists(Installed), $"{Installed} is not there; Debian's package dataset-fashion-mnist installs it.");

        LoadedData data = DataSets.Idx.Load(
            new DataRequest(DataSets.Idx, 60_000, 10_000, SplitOrder.TestThenTrain, Seed),
            new DataFolder(Installed, "the test's"), _said.Add, TestContext.Current.CancellationToken);

        Assert.Equal((60_000, 10_000), (data.Train.Count, data.Test.Count));
        Assert.All(Enumerable.Range(0, 10), label => Assert.Equal(6_000, data.Train.Labels.Count(found => found == label)));
        Assert.Empty(_said);

        // What stands in MNIST's place is named, and nothing is downloaded over it.
        string message = Assert.Throws<BadInputException>(() =>
            MnistFile.TrainImages.Read(Path.Combine(Installed, "train-images-idx3-ubyte.gz"))).Message;
        Assert.Contains("another data set: 60,000 images of 28x28", message, StringComparison.Ordinal);
        Assert.Contains($"--dataset idx --data {Installed}", message, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private void Write(int rows, int columns, Func<byte, byte>? convert = null, int count = 20)
    {
        _scratch.Write("images.idx", OwnIdx.Images(OwnIdx.Digits(count), rows, columns, convert));
        _scratch.Write("labels.idx", OwnIdx.Labels(OwnIdx.Digits(count)));
    }

    private static byte[] Header(params int[] sizes)
    {
        byte[] header = new byte[4 + sizes.Length * 4];
        (header[2], header[3]) = (8, (byte)sizes.Length);
        foreach ((int index, int size) in sizes.Index())
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + index * 4), size);
        }

        return header;
    }

    private LoadedData Load(int train, int test, DataFiles? files = null, int validation = 0) => DataSets.Load(
        new DataRequest(DataSets.Idx, train, test, SplitOrder.TestThenTrain, Seed, validation) { Files = files },
        new DataFolder(_scratch.FullPath, "the test's"), _said.Add, TestContext.Current.CancellationToken);

    private string Refusal(int train, int test, int validation = 0) =>
        Assert.Throws<BadInputException>(() => Load(train, test, validation: validation)).Message;
}
