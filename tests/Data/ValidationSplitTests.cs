using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GpuConvnet.Model;
using GpuConvnet.Model.Digits;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Data;

/// <summary>Validation digits: never trained on, and never of the test split.</summary>
[Collection(nameof(EnvironmentVariables))]
public sealed class ValidationSplitTests : IDisposable
{
    private const int TrainCount = 7_291;
    private const int ValidationCount = 10_000;
    private const uint Seed = 1337;

    private readonly ScratchFolder _scratch = new();

    [Theory]
    [InlineData(SplitOrder.TestThenTrain)]
    [InlineData(SplitOrder.TrainThenTest)]
    public void MnistsAreTheTrainingDigitsAfterTheFirst(SplitOrder order)
    {
        DataFolder folder = Mnist();
        LoadedData held = Load(new(DataSets.Mnist, TrainCount, 2_007, order, Seed, ValidationCount), folder);
        LoadedData longer = Load(new(DataSets.Mnist, TrainCount + ValidationCount, 2_007, order, Seed), folder);

        Assert.True(held.IsValidation);
        Assert.False(longer.IsValidation);
        Assert.Equal(longer.Train.Labels[..TrainCount], held.Train.Labels);
        Assert.Equal(longer.Train.Pixels[..held.Train.Pixels.Length], held.Train.Pixels);
        Assert.Equal(longer.Train.Labels[TrainCount..], held.Test.Labels);
        Assert.Equal(longer.Train.Pixels[held.Train.Pixels.Length..], held.Test.Pixels);
    }

    [Fact]
    public void NoDigitOfMnistIsTrainedAndValidatedOnAndNoneIsTheTestSplits()
    {
        DataFolder folder = Mnist();
        LoadedData held = Load(Mnist1989(ValidationCount), folder);
        LoadedData whole = Load(new(DataSets.Mnist, TrainCount, 10_000, SplitOrder.TestThenTrain, Seed), folder);

        HashSet<string> validation = [.. Fingerprints(held.Test)];

        Assert.Equal(ValidationCount, held.Test.Count);
        Assert.DoesNotContain(Fingerprints(held.Train), validation.Contains);
        Assert.DoesNotContain(Fingerprints(whole.Test), validation.Contains);
    }

    [Fact]
    public void ValidationDoesNotOpenMnistsTestFiles()
    {
        DataFolder real = Mnist();
        Directory.CreateDirectory(_scratch.In("mnist"));
        foreach (MnistFile file in new[] { MnistFile.TrainImages, MnistFile.TrainLabels })
        {
            string path = DataFolder.Find(real.Mnist, file.Name)!;
            File.Copy(path, _scratch.In("mnist", Path.GetFileName(path)));
        }

        _scratch.Write(Path.Combine("mnist", MnistFile.TestImages.Name), "no digits"u8);
        _scratch.Write(Path.Combine("mnist", MnistFile.TestLabels.Name), "no labels"u8);

        Assert.Equal(5, Load(Mnist1989(5), Scratch).Test.Count);
        Assert.Throws<BadInputException>(() => Load(Mnist1989(0), Scratch));
    }

    [Fact]
    public void MoreThanMnistHasLeftAreRefused()
    {
        DataFolder folder = Mnist();

        Assert.Equal(1, Load(new(DataSets.Mnist, 59_999, 1, SplitOrder.TestThenTrain, Seed, 1), folder).Test.Count);
        Assert.Equal(
            "MNIST has 60,000 training digits; 59,999 to train on leave 1 for validation, and 2 were asked for. "
            + "Validate on fewer, or train on fewer.",
            Assert.Throws<BadInputException>(
                () => Load(new(DataSets.Mnist, 59_999, 1, SplitOrder.TestThenTrain, Seed, 2), folder)).Message);
    }

    [Fact]
    public void UspssAreTheTrainingDigitsAfterTheFirstAndZipTestIsNotNeeded()
    {
        string[] lines = [.. Enumerable.Range(0, 5).Select(digit =>
            $"{digit}{string.Concat(Enumerable.Repeat($" -0.{digit}", Shape1989.InputUnits))}\n")];
        _scratch.Write(Path.Combine("usps", "zip.train"), Encoding.ASCII.GetBytes(string.Concat(lines)));

        LoadedData data = Load(new(DataSets.Usps, 2, 1, SplitOrder.TestThenTrain, Seed, 3), Scratch);

        Assert.True(data.IsValidation);
        Assert.Equal([0, 1], data.Train.Labels);
        Assert.Equal([2, 3, 4], data.Test.Labels);
        Assert.Equal(-0.1f, data.Train.Image(1)[255]);
        Assert.Equal(-0.2f, data.Test.Image(0)[0]);
        Assert.Equal(-0.4f, data.Test.Image(2)[255]);
    }

    [Theory]
    [InlineData(7_291, 1, "leave 0 for validation")]
    [InlineData(7_000, 292, "leave 291 for validation")]
    [InlineData(1, int.MaxValue, "leave 7,290 for validation")]
    public void MoreThanUspsHasLeftAreRefused(int train, int validation, string words) => Assert.Contains(
        words,
        Assert.Throws<BadInputException>(
            () => Load(new(DataSets.Usps, train, 1, SplitOrder.TestThenTrain, Seed, validation), Scratch)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void BuiltInOnesAreAThirdSet()
    {
        LoadedData held = Load(new(DataSets.Builtin, 3_000, 1_000, SplitOrder.TestThenTrain, Seed, 2_000), Scratch);
        LoadedData tested = Load(new(DataSets.Builtin, 3_000, 1_000, SplitOrder.TestThenTrain, Seed), Scratch);

        HashSet<string> validation = [.. Fingerprints(held.Test)];

        Assert.True(held.IsValidation);
        Assert.Equal(2_000, held.Test.Count);
        Assert.Equal(tested.Train.Pixels, held.Train.Pixels);
        Assert.DoesNotContain(Fingerprints(held.Train), validation.Contains);
        Assert.DoesNotContain(Fingerprints(tested.Test), validation.Contains);
    }

    [Fact]
    public void MoreBuiltInOnesThanAnArrayHoldsAreRefused() => Assert.Contains(
        $"{BuiltinDigits.MaximumCount:N0} validation digits",
        Assert.Throws<BadInputException>(
            () => Load(new(DataSets.Builtin, 1, 1, SplitOrder.TestThenTrain, Seed, int.MaxValue), Scratch)).Message,
        StringComparison.Ordinal);

    public void Dispose() => _scratch.Dispose();

    private DataFolder Scratch => new(_scratch.FullPath, "the test's");

    private static DataRequest Mnist1989(int validation) =>
        new(DataSets.Mnist, TrainCount, 2_007, SplitOrder.TestThenTrain, Seed, validation);

    private static DataFolder Mnist()
    {
        DataFolder folder = DataFolder.Resolve(null);
        Assert.SkipWhen(
            MnistDataSet.Missing(folder).Length > 0,
            $"MNIST is not in the data folder; 'trainer data fetch' downloads it, or {DataFolder.Variable} names another.");
        return folder;
    }

    private static LoadedData Load(DataRequest request, DataFolder folder) =>
        DataSets.Load(request, folder, _ => { }, TestContext.Current.CancellationToken);

    private static IEnumerable<string> Fingerprints(Examples examples) => Enumerable.Range(0, examples.Count).Select(i =>
        Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(examples.Image(i)))));
}
