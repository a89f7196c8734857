using System.Text.Json;
using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Replay;

/// <summary>
/// The article's experiment, whole, against what PyTorch got from the same data, weights and order. Float32 sums in
/// another order make the trajectories part; PyTorch itself ends at 45/82 misses on one machine and 43/87 on another.
/// </summary>
public class ArticleReplayTests
{
    [Fact]
    public void OnMnistItIsTheArticles()
    {
        RequireMnist();
        JsonNode result = Train("1989-base");

        JsonElement first = Golden.ReadJson("replay.json").GetProperty("mnistTestThenTrain")[0];
        JsonNode passOne = result["history"]![0]!;
        AssertWithin(0.02, first.GetProperty("trainLoss").GetDouble(), (double)passOne["train"]!["loss"]!);
        AssertWithin(0.02, first.GetProperty("testLoss").GetDouble(), (double)passOne["test"]!["loss"]!);
        Assert.Equal(23, (int)result["passes"]!);
        Assert.Equal(167_693, (long)result["steps"]!);
        Assert.InRange((int)result["train"]!["misses"]!, 44 - 9, 44 + 9);
        Assert.InRange((int)result["test"]!["misses"]!, 84 - 8, 84 + 8);
        AssertWithin(0.04, 0.0284, (double)result["test"]!["loss"]!);
    }

    /// <summary>
    /// With the article's random numbers and its learning rate of each pass, the trajectories of PyTorch and of this program
    /// stay together to the end: these networks, unlike the first one, do not multiply rounding's differences.
    /// </summary>
    [Theory]
    [InlineData("adamw", 8)]
    [InlineData("shift", 3)]
    [Trait("Speed", "Slow")]
    public void ItsImprovementsFollowPyTorchPassByPass(string experiment, int mostApart)
    {
        foreach ((int train, int test) in ApartFromPyTorch(experiment))
        {
            Assert.InRange(train, -mostApart, mostApart);
            Assert.InRange(test, -mostApart, mostApart);
        }
    }

    /// <summary>
    /// ReLU's kink and dropout do multiply them: two processors part after the first pass, by up to twenty training misses.
    /// The first pass is PyTorch's, and so is the level that the last forty keep.
    /// </summary>
    [Fact]
    [Trait("Speed", "Slow")]
    public void DropoutAndReluStartWithPyTorchAndEndOnItsLevel()
    {
        (int Train, int Test)[] apart = ApartFromPyTorch("dropout-relu");

        Assert.InRange(apart[0].Train, -3, 3);
        Assert.InRange(apart[0].Test, -3, 3);
        Assert.InRange(apart[40..].Average(misses => misses.Train), -6, 6);
        Assert.InRange(apart[40..].Average(misses => misses.Test), -3, 3);
    }

    [Fact]
    public void TwiceItIsBitIdentical()
    {
        RequireMnist();
        Assert.Equal(
            (string)Train("1989-base", "--passes", "2")["parametersSha256"]!,
            (string)Train("1989-base", "--passes", "2")["parametersSha256"]!);
    }

    [Fact]
    public void OnUspsItIsWithinAFifthOfPyTorch()
    {
        DataFolder folder = DataFolder.Resolve(null);
        Assert.SkipWhen(
            DataFolder.Find(folder.Usps, "zip.train") is null || DataFolder.Find(folder.Usps, "zip.test") is null,
            $"zip.train and zip.test are not in {folder.Usps}; set {DataFolder.Variable} to a folder that has usps/.");
        JsonNode result = Train("1989-usps");

        JsonElement last = Golden.ReadJson("replay.json").GetProperty("usps")[22];
        AssertWithin(0.2, last.GetProperty("trainLoss").GetDouble(), (double)result["train"]!["loss"]!);
        AssertWithin(0.2, last.GetProperty("testLoss").GetDouble(), (double)result["test"]!["loss"]!);
    }

    [Fact]
    public void OnBuiltInDigitsTheTestErrorIsBetweenTwoAndEightPercent()
    {
        JsonNode result = Train("demo", "--dataset", "builtin");

        Assert.InRange((double)result["test"]!["errorPercent"]!, 2, 8);
    }

    private static void RequireMnist()
    {
        DataFolder folder = DataFolder.Resolve(null);
        Assert.SkipWhen(
            MnistDataSet.Missing(folder).Length > 0,
            $"MNIST is not in {folder.Mnist}; run 'trainer data fetch' or set {DataFolder.Variable}.");
    }

    private static (int Train, int Test)[] ApartFromPyTorch(string experiment)
    {
        RequireMnist();
        JsonElement expected = Golden.ReadJson("improvements.json").GetProperty(experiment);
        JsonArray history = Train(experiment)["history"]!.AsArray();
        Assert.Equal(expected.GetArrayLength(), history.Count);
        return [.. history.Zip(expected.EnumerateArray(), (ours, theirs) => (
            (int)ours!["train"]!["misses"]! - theirs[0].GetInt32(),
            (int)ours["test"]!["misses"]! - theirs[1].GetInt32()))];
    }

    private static JsonNode Train(string configuration, params string[] arguments)
    {
        CommandRun run = CommandRun.Of(["--config", configuration, "--json", .. arguments]);
        Assert.Equal(0, run.Code);
        return JsonNode.Parse(run.Output)!;
    }

    private static void AssertWithin(double share, double expected, double actual) =>
        Assert.InRange(actual, expected * (1 - share), expected * (1 + share));
}
