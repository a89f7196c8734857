using GpuConvnet.Trainer.Setup.Data;
using SkiaSharp;

namespace GpuConvnet.Tests.Data;

/// <summary>Anyone's pictures of digits: which digit each is, and what becomes of its pixels.</summary>
public sealed class ImagesDataSetTests : IDisposable
{
    private const uint Seed = 1337;

    private readonly ScratchFolder _scratch = new();
    private readonly List<string> _said = [];

    [Theory]
    [InlineData("{0}/{1}.png")]
    [InlineData("digit-{0}/scan_{1}.png")]
    [InlineData("{0} - from A/B/8_{1}.png")]
    [InlineData("{0}/writer3/{1}.png")]
    [InlineData("writer3/{0}/{1}.png")]
    [InlineData("session 4/class_{0}/{1}.png")]
    [InlineData("{0}_{1:0000}.png")]
    [InlineData("img{1:0000}-{0}.png")]
    [InlineData("{1}_{0}.png")]
    [InlineData("train/{0}/{1}.PNG")]
    [InlineData("Training/{0}/{1}.png")]
    public void TheFolderSaysTheDigitOtherwiseTheName(string layout)
    {
        foreach ((byte digit, int index) in OwnIdx.Digits(40).Index().Select(pair => (pair.Item, pair.Index)))
        {
            // The name of the folder around them all says nothing.
            Picture("8 pictures/" + string.Format(null, layout, digit, index), OwnIdx.Image(digit, index, 28, 28), 28, 28);
        }

        LoadedData data = Load(100, 8, new DataFiles { Folder = _scratch.In("8 pictures") });

        // Each digit's stroke lies in a row of its own.
        Assert.Equal((32, 8), (data.Train.Count, data.Test.Count));
        for (int example = 0; example < data.Train.Count; example++)
        {
            int brightest = data.Train.Image(example).ToArray().Index().MaxBy(pixel => pixel.Item).Index;
            Assert.Equal(1 + data.Train.Labels[example] * 24 / 9, brightest / 16 * 28.0 / 16, 2.0);
        }

        Assert.All(Enumerable.Range(0, 10), digit => Assert.Equal(4, data.Train.Labels.Concat(data.Test.Labels).Count(label => label == digit)));
    }

    [Fact]
    public void MnistInPicturesIsMnistToTheBit()
    {
        byte[] labels = OwnIdx.Digits(20);
        foreach ((int index, byte digit) in labels.Index())
        {
            Picture($"pictures/{digit}/{index:00}.png", OwnIdx.Image(digit, index, 28, 28), 28, 28);
        }

        // The pictures are in the order of their folders.
        byte[] sorted = [.. labels.Order()];
        byte[] images = [.. Enumerable.Range(0, 20).OrderBy(index => labels[index]).ThenBy(index => index)
            .SelectMany(index => OwnIdx.Image(labels[index], index, 28, 28))];
        int[] order = MnistReduction.Permutations(Seed, SplitOrder.TestThenTrain, 20, 0).Train;

        LoadedData data = Load(16, 4, new DataFiles { Folder = _scratch.In("pictures") });

        Assert.Equal(MnistReduction.Reduce(images, sorted, order.AsSpan(0, 16)).Pixels, data.Train.Pixels);
        Assert.Empty(_said);
    }

    [Fact]
    public void InkOnPaperAndLightOnDarkAreTheSameDigits()
    {
        for (int index = 0; index < 20; index++)
        {
            byte digit = (byte)(index % 10);
            byte[] image = OwnIdx.Image(digit, index, 28, 28);
            Picture($"a/{digit}/{index}.png", image, 28, 28);
            Picture($"b/{digit}/{index}.png", [.. image.Select(pixel => (byte)(255 - pixel))], 28, 28);

            // On grey paper, which is paper all the same.
            Picture($"c/{digit}/{index}.png", [.. image.Select(pixel => (byte)(200 - pixel * 200 / 255))], 28, 28);
        }

        float[] light = Load(16, 4, new DataFiles { Folder = _scratch.In("a") }).Train.Pixels;
        float[] dark = Load(16, 4, new DataFiles { Folder = _scratch.In("b") }).Train.Pixels;
        float[] grey = Load(16, 4, new DataFiles { Folder = _scratch.In("c") }).Train.Pixels;

        Assert.Equal(light, dark);
        Assert.All(light.Zip(grey), pair => Assert.Equal(pair.First, pair.Second, 0.02f));
        Assert.Contains(_said, line => line.Contains($"16 of 16 pictures of {_scratch.In("b")} are dark on light", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatIsPassedOverIsSaid()
    {
        for (int index = 0; index < 20; index++)
        {
            Picture($"{index % 10}/{index}.png", OwnIdx.Image((byte)(index % 10), index, 28, 28), 28, 28);
        }

        _scratch.Write("3/photo.heif", "a photograph"u8);
        _scratch.Write("4/photo.HEIF", "a photograph"u8);
        _scratch.Write("notes", "by hand"u8);
        _scratch.Write("3/Thumbs.db", "a system's own"u8);
        _scratch.Write(".DS_Store", "likewise"u8);

        Load(16, 4);

        Assert.StartsWith(
            $"note: 3 files of {_scratch.FullPath} passed over (.heif, without an ending): .png, ", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void ATestFolderIsTheTestSplit()
    {
        for (int index = 0; index < 30; index++)
        {
            Picture($"{(index < 20 ? "training" : "testing")}/{index % 10}/{index}.png", OwnIdx.Image((byte)(index % 10), index, 28, 28), 28, 28);
        }

        LoadedData data = Load(20, 10);

        Assert.Equal((20, 10), (data.Train.Count, data.Test.Count));
        Assert.Equal(data.Files, Load(20, 10, data.Files).Files);
    }

    [Theory]
    [InlineData("training", "testing")]
    [InlineData("mnist_png/training", "mnist_png/testing")]
    [InlineData("training_set", "test_set")]
    [InlineData("digits/TrainingSet", "digits/TestSet")]
    public void SplitsAreFoundUnderTheNamesThatAreGivenToThemAndAFolderFurtherDown(string train, string test)
    {
        for (int index = 0; index < 30; index++)
        {
            Picture($"{(index < 20 ? train : test)}/{index % 10}/{index}.png", OwnIdx.Image((byte)(index % 10), index, 28, 28), 28, 28);
        }

        LoadedData data = Load(20, 10);

        Assert.Equal((20, 10), (data.Train.Count, data.Test.Count));
        Assert.Equal((_scratch.In(train), _scratch.In(test)), (data.Files!.TrainImages, data.Files.TestImages));
    }

    [Theory]
    [InlineData("val", "val lies beside")]
    [InlineData("inner/val", "val lies beside")]
    [InlineData("other/train", "is no part of it")]
    public void WhatIsNeitherTrainedNorTestedOnByItsNameIsRefusedByName(string other, string what)
    {
        foreach (string split in new[] { other.Contains('/') ? "inner/train" : "train", other })
        {
            Picture($"{split}/7/a.png", OwnIdx.Image(7, 1, 28, 28), 28, 28);
        }

        Assert.Contains(what, Refusal(), StringComparison.Ordinal);
        Assert.Contains(_scratch.In(other), Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7/a.png", "10/scan_3.png", "10 lies beside a folder of a digit (7)")]
    [InlineData("7/a.png", "10/b/3.png", "10 lies beside a folder of a digit (7)")]
    [InlineData("A/3.png", "J/4.png", "A is called as a letter, as J beside it is")]
    public void AFolderThatIsNoClassBesideOthersThatAreIsNoSourceOfLabels(string first, string second, string what)
    {
        Picture(first, OwnIdx.Image(7, 1, 28, 28), 28, 28);
        Picture(second, OwnIdx.Image(7, 2, 28, 28), 28, 28);

        Assert.Contains(_scratch.In(what), Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void ALinkThatLeadsBackMultipliesNoPicture()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        for (int index = 0; index < 20; index++)
        {
            Picture($"{index % 10}/{index}.png", OwnIdx.Image((byte)(index % 10), index, 28, 28), 28, 28);
        }

        Directory.CreateSymbolicLink(_scratch.In("3", "again"), _scratch.FullPath);

        LoadedData data = Load(16, 4);

        Assert.Equal((16, 4), (data.Train.Count, data.Test.Count));
        Assert.Equal($"note: 1 folder that is a link not followed ({_scratch.In("3", "again")})", Assert.Single(_said));
    }

    [Fact]
    public void ADigitThatIsNotTrainedOnIsSaid()
    {
        for (int index = 0; index < 18; index++)
        {
            Picture($"{index % 9}/{index}.png", OwnIdx.Image((byte)(index % 9), index, 28, 28), 28, 28);
        }

        Load(15, 3);

        Assert.Equal($"note: no training digit is a 9 ({_scratch.FullPath})", Assert.Single(_said));
    }

    [Fact]
    public void APictureThatDoesNotSayItsDigitIsNamed()
    {
        Picture("7_1.png", OwnIdx.Image(7, 1, 28, 28), 28, 28);
        Picture("7_2.png", OwnIdx.Image(7, 2, 28, 28), 28, 28);
        Picture("seven.png", OwnIdx.Image(7, 3, 28, 28), 28, 28);

        Assert.Contains($"{_scratch.In("seven.png")} does not say which digit", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("blank")]
    [InlineData("small")]
    public void APictureThatCannotBeTrainedOnIsNamedAndNoneIsPassedOver(string fault)
    {
        for (int index = 0; index < 20; index++)
        {
            Picture($"{index % 10}/{index}.png", OwnIdx.Image((byte)(index % 10), index, 28, 28), 28, 28);
        }

        string path = _scratch.In("3", "13.png");
        if (fault == "damaged")
        {
            File.WriteAllBytes(path, File.ReadAllBytes(path)[..40]);
        }
        else
        {
            int side = fault == "blank" ? 28 : 7;
            Picture("3/13.png", new byte[side * side], side, side);
        }

        string message = Refusal();

        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains("Move it out of the folder", message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhereThereAreNoPicturesTheFoldersAreNamed()
    {
        Assert.Contains($"There are no pictures in folders called 0 to 9", Refusal(), StringComparison.Ordinal);
        Assert.Contains(_scratch.FullPath, Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("val")]
    [InlineData("valid")]
    public void AFolderBesideBothSplitsIsNotUsedAndThatIsSaid(string other)
    {
        foreach ((int index, byte digit) in OwnIdx.Digits(40).Index())
        {
            Picture($"{(index < 20 ? "train" : index < 30 ? "test" : other)}/{digit}/{index}.png", OwnIdx.Image(digit, index, 28, 28), 28, 28);
        }

        LoadedData data = Load(20, 10);

        Assert.Equal((20, 10), (data.Train.Count, data.Test.Count));
        Assert.Contains($"{_scratch.In(other)} is not used", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a/b/c")]
    public void SplitsThatLieDeepAreNotPooled(string folder)
    {
        foreach ((int index, byte digit) in OwnIdx.Digits(40).Index())
        {
            Picture($"{folder}/{(index < 20 ? "train" : "test")}/{digit}/{index}.png", OwnIdx.Image(digit, index, 28, 28), 28, 28);
        }

        string message = Refusal();

        Assert.Contains($"--data: {_scratch.In(folder.Split('/'))}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void APictureMoreIsAnotherSet()
    {
        for (int index = 0; index < 20; index++)
        {
            Picture($"{index % 10}/{index}.png", OwnIdx.Image((byte)(index % 10), index, 28, 28), 28, 28);
        }

        DataFiles files = Load(10, 4).Files!;
        Picture("3/99.png", OwnIdx.Image(3, 99, 28, 28), 28, 28);

        Assert.Contains("has changed", Assert.Throws<BadInputException>(() => Load(10, 4, files)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private void Picture(string name, byte[] pixels, int width, int height)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        for (int row = 0; row < height; row++)
        {
            pixels.AsSpan(row * width, width).CopyTo(bitmap.GetPixelSpan()[(row * bitmap.RowBytes)..]);
        }

        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        _scratch.Write(name, png.AsSpan());
    }

    private LoadedData Load(int train, int test, DataFiles? files = null) => DataSets.Load(
        new DataRequest(DataSets.Images, train, test, SplitOrder.TestThenTrain, Seed) { Files = files },
        new DataFolder(_scratch.FullPath, "the test's"), _said.Add, TestContext.Current.CancellationToken);

    private string Refusal() => Assert.Throws<BadInputException>(() => Load(100, 10)).Message;
}
