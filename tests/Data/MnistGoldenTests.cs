using System.Globalization;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Data;

/// <summary>The article's digits of MNIST, against the ones that its own code chose and reduced.</summary>
public class MnistGoldenTests
{
    private const int TrainCount = 7_291;
    private const int TestCount = 2_007;
    private const uint Seed = 1337;

    private static readonly JsonElement s_golden = Golden.ReadJson("mnist1989.json");
    private static readonly Lazy<LoadedData> s_testThenTrain = new(() => Load(TrainCount, TestCount, SplitOrder.TestThenTrain));
    private static readonly Lazy<LoadedData> s_trainThenTest = new(() => Load(TrainCount, TestCount, SplitOrder.TrainThenTest));
    private static readonly Lazy<LoadedData> s_whole = new(() => Load(60_000, 10_000, SplitOrder.TestThenTrain));

    public static TheoryData<SplitOrder, string> Splits { get; } = new()
    {
        { SplitOrder.TestThenTrain, "train" },
        { SplitOrder.TestThenTrain, "test" },
        { SplitOrder.TrainThenTest, "train" },
        { SplitOrder.TrainThenTest, "test" },
    };

    [Theory]
    [MemberData(nameof(Splits))]
    public void TheChosenDigitsAreTheArticles(SplitOrder order, string split)
    {
        Examples examples = Digits(order, split);
        JsonElement golden = GoldenOf(order, split);

        Assert.Equal(golden.GetProperty("examples").GetInt32(), examples.Count);
        Assert.Equal(
            golden.GetProperty("first20Labels").EnumerateArray().Select(label => label.GetByte()),
            examples.Labels[..20]);
        Assert.Equal(
            golden.GetProperty("classCounts").EnumerateArray().Select(count => count.GetInt32()),
            ClassCounts(examples));
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public void TheFirstImageIsTheArticlesPixelByPixel(SplitOrder order, string split)
    {
        ReadOnlySpan<float> image = Digits(order, split).Image(0);
        double[] expected =
            [.. GoldenOf(order, split).GetProperty("firstImage").EnumerateArray().Select(pixel => pixel.GetDouble())];

        Assert.Equal(Shape1989.InputUnits, expected.Length);
        for (int pixel = 0; pixel < expected.Length; pixel++)
        {
            Assert.Equal(expected[pixel], image[pixel], 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public void ImagesFromTheWholeSplitHaveTheArticlesSums(SplitOrder order, string split)
    {
        Examples examples = Digits(order, split);
        int compared = 0;
        foreach (JsonProperty sum in GoldenOf(order, split).GetProperty("imageSums").EnumerateObject())
        {
            int index = int.Parse(sum.Name, CultureInfo.InvariantCulture);

            // 1e-6 a pixel that is not background; there are 256, and rounding does not all go one way.
            Assert.Equal(sum.Value.GetDouble(), Sum(examples.Image(index)), 2e-5);
            compared++;
        }

        Assert.Equal(5, compared);
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public void AllPixelsTogetherHaveTheArticlesSums(SplitOrder order, string split)
    {
        Examples examples = Digits(order, split);
        JsonElement golden = GoldenOf(order, split);

        // A thousandth of what one other digit in its place would change.
        Assert.Equal(golden.GetProperty("pixelSum").GetDouble(), Sum(examples.Pixels), 0.02);
        Assert.Equal(golden.GetProperty("pixelSquareSum").GetDouble(), SumOfSquares(examples.Pixels), 0.02);
        Assert.All(examples.Pixels, pixel => Assert.InRange(pixel, -1f, 1f));
    }

    [Fact]
    public void TheOrdersChooseOtherDigits()
    {
        Assert.NotEqual(Require(s_testThenTrain).Train.Labels, s_trainThenTest.Value.Train.Labels);
        Assert.NotEqual(s_testThenTrain.Value.Test.Labels, s_trainThenTest.Value.Test.Labels);
    }

    [Fact]
    public void AllOfMnistHasAllOfItsDigits()
    {
        LoadedData whole = Require(s_whole);

        // The counts of LeCun's page and of every description of MNIST since.
        Assert.Same(DataSets.Mnist, whole.Dataset);
        Assert.Equal([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], ClassCounts(whole.Train));
        Assert.Equal([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009], ClassCounts(whole.Test));
    }

    [Fact]
    public void AnySubsetIsTheStartOfAllOfMnist()
    {
        LoadedData whole = Require(s_whole);
        LoadedData article = s_testThenTrain.Value;

        Assert.Equal(article.Train.Labels, whole.Train.Labels[..TrainCount]);
        Assert.Equal(article.Train.Pixels, whole.Train.Pixels[..article.Train.Pixels.Length]);
        Assert.Equal(article.Test.Labels, whole.Test.Labels[..TestCount]);
        Assert.Equal(article.Test.Pixels, whole.Test.Pixels[..article.Test.Pixels.Length]);
    }

    private static Examples Digits(SplitOrder order, string split)
    {
        LoadedData data = Require(order == SplitOrder.TestThenTrain ? s_testThenTrain : s_trainThenTest);
        return split == "train" ? data.Train : data.Test;
    }

    private static JsonElement GoldenOf(SplitOrder order, string split) =>
        s_golden.GetProperty(order == SplitOrder.TestThenTrain ? "testThenTrain" : "trainThenTest").GetProperty(split);

    private static LoadedData Require(Lazy<LoadedData> data)
    {
        DataFolder folder = DataFolder.Resolve(null);
        Assert.SkipWhen(
            MnistDataSet.Missing(folder).Length > 0,
            $"MNIST is not in the data folder; 'trainer data fetch' downloads it, or {DataFolder.Variable} names another.");
        return data.Value;
    }

    private static LoadedData Load(int train, int test, SplitOrder order) => DataSets.Load(
        new DataRequest(DataSets.Mnist, train, test, order, Seed), DataFolder.Resolve(null),
        line => Assert.Fail($"nothing is to be said about files that are there, but: {line}"),
        TestContext.Current.CancellationToken);

    private static int[] ClassCounts(Examples examples)
    {
        int[] counts = new int[Shape1989.Outputs];
        foreach (byte label in examples.Labels)
        {
            counts[label]++;
        }

        return counts;
    }

    private static double Sum(ReadOnlySpan<float> pixels)
    {
        double sum = 0;
        foreach (float pixel in pixels)
        {
            sum += pixel;
        }

        return sum;
    }

    private static double SumOfSquares(ReadOnlySpan<float> pixels)
    {
        double sum = 0;
        foreach (float pixel in pixels)
        {
            sum += (double)pixel * pixel;
        }

        return sum;
    }
}
