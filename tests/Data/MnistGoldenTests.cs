using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Data;

namespace GpuConvnet.Tests.Data;

/// <summary>MNIST's reduction against what the article's own code makes of it.</summary>
public class MnistGoldenTests
{
    [Theory]
    [InlineData(SplitOrder.TestThenTrain, "testThenTrain")]
    [InlineData(SplitOrder.TrainThenTest, "trainThenTest")]
    public void TheReducedDigitsAreTheArticles(SplitOrder order, string key)
    {
        LoadedData data = Load(7_291, 2_007, order);

        JsonElement golden = Golden.ReadJson("mnist1989.json").GetProperty(key);
        AssertSplit(golden.GetProperty("train"), data.Train);
        AssertSplit(golden.GetProperty("test"), data.Test);
    }

    [Fact]
    public void AnySizeUpToTheWholeIsThere()
    {
        LoadedData whole = Load(60_000, 10_000, SplitOrder.TestThenTrain);
        LoadedData few = Load(100, 7, SplitOrder.TestThenTrain);

        Assert.Equal((60_000, 10_000), (whole.Train.Count, whole.Test.Count));
        Assert.Equal((100, 7), (few.Train.Count, few.Test.Count));

        // Smaller sets are the beginnings of larger ones.
        Assert.Equal(few.Train.Pixels, whole.Train.Pixels[..few.Train.Pixels.Length]);
        Assert.Equal(few.Test.Labels, whole.Test.Labels[..7]);
    }

    private static LoadedData Load(int train, int test, SplitOrder order)
    {
        DataFolder folder = DataFolder.Resolve(null);
        Assert.SkipWhen(
            DataSets.Missing(folder).Length > 0,
            $"MNIST is not in {folder.Mnist}; run 'trainer data fetch' or set {DataFolder.Variable}.");
        return DataSets.Load(
            new DataRequest(DatasetKind.Mnist, train, test, order, 1337), folder, _ => { }, TestContext.Current.CancellationToken);
    }

    private static void AssertSplit(JsonElement golden, Examples actual)
    {
        Assert.Equal(golden.GetProperty("examples").GetInt32(), actual.Count);
        Assert.Equal(
            golden.GetProperty("first20Labels").EnumerateArray().Select(label => label.GetByte()), actual.Labels.Take(20));
        Assert.Equal(
            golden.GetProperty("classCounts").EnumerateArray().Select(count => count.GetInt32()),
            Enumerable.Range(0, 10).Select(digit => actual.Labels.Count(label => label == digit)));
        Assert.Equal(golden.GetProperty("pixelSum").GetDouble(), actual.Pixels.Sum(pixel => (double)pixel), 1e-2);
        Assert.Equal(
            golden.GetProperty("pixelSquareSum").GetDouble(), actual.Pixels.Sum(pixel => (double)pixel * pixel), 1e-2);
        foreach (JsonProperty image in golden.GetProperty("imageSums").EnumerateObject())
        {
            float[] pixels = actual.Image(int.Parse(image.Name, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(image.Value.GetDouble(), pixels.Sum(pixel => (double)pixel), 2e-5);
        }

        double[] first = [.. golden.GetProperty("firstImage").EnumerateArray().Select(pixel => pixel.GetDouble())];
        Assert.Equal(256, first.Length);
        for (int pixel = 0; pixel < first.Length; pixel++)
        {
            Assert.Equal(first[pixel], actual.Image(0)[pixel], 1e-6);
        }
    }
}
