using System.Text;
using GpuConvnet.Tests.Data;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Tests.Configuration;

/// <summary>The key <c>data</c>: where digits of the user's own lie.</summary>
public sealed class DataFilesTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void PathsAreRelativeToTheConfiguration()
    {
        string path = _scratch.Write("configs/own.json", Encoding.UTF8.GetBytes(Json(
            "idx", "\"trainImages\": \"../a/images\", \"trainLabels\": \"labels\", \"transpose\": true")));

        DataFiles files = ConfigurationFile.Load(path).Files!;

        Assert.Equal(
            new DataFiles { TrainImages = _scratch.In("a", "images"), TrainLabels = _scratch.In("configs", "labels"), Transpose = true },
            files);
    }

    [Fact]
    public void AConfigurationWithDataReadsBackAsItWas()
    {
        ExperimentConfiguration configuration = Parse(Json("images", "\"folder\": \"/digits\""));

        Assert.Equal(configuration, ConfigurationFile.Parse(ConfigurationFile.Serialize(configuration), "x.json"));
        Assert.Equal(new DataFiles { Folder = "/digits" }, configuration.Data.Files);
    }

    [Theory]
    [InlineData("mnist", "\"folder\": \"x\"", "$.data: is for \"dataset\": \"idx\" and \"images\"")]
    [InlineData("auto", "\"folder\": \"x\"", "$.data: is for \"dataset\": \"idx\" and \"images\"")]
    [InlineData("idx", "\"folder\": \"x\", \"trainImages\": \"y\"", "$.data.folder: expected either")]
    [InlineData("idx", "\"trainImages\": \"y\"", "$.data: expected 'trainLabels' with 'trainImages'")]
    [InlineData("idx", "\"trainImages\": \"y\", \"trainLabels\": \"z\", \"testImages\": \"a\"", "'testLabels' with 'testImages'")]
    [InlineData("idx", "\"trainLabels\": \"y\"", "$.data: expected 'trainImages'")]
    [InlineData("idx", "\"trainImages\": \"y\", \"trainLabels\": \"z\", \"testLabels\": \"a\"", "$.data: expected 'testImages'")]
    [InlineData("images", "\"folder\": \"x\", \"transpose\": true", "$.data: of \"dataset\": \"images\"")]
    [InlineData("images", "\"trainImages\": \"x\", \"trainLabels\": \"y\"", "$.data: of \"dataset\": \"images\"")]
    [InlineData("idx", "\"folder\": 7", "$.data.folder: expected a text, found 7")]
    [InlineData("idx", "\"transpose\": \"yes\"", "$.data.transpose: expected true or false, found \"yes\"")]
    [InlineData("idx", "\"testSha256\": \"AB\"", "$.data.testSha256: expected 64 hexadecimal digits")]
    [InlineData("idx", "\"foldr\": \"x\"", "unknown key 'foldr'; did you mean 'folder'?")]
    public void WhatIsWrongWithItIsSaidWithItsPlace(string dataset, string data, string why)
    {
        Assert.Contains(why, Assert.Throws<BadInputException>(() => Parse(Json(dataset, data))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameDigitsElsewhereAreTheSameSettingsAndOthersAreNot()
    {
        string sha = new('a', 64);
        ExperimentConfiguration here = Parse(Json("idx", $"\"folder\": \"here\", \"trainSha256\": \"{sha}\""));
        ExperimentConfiguration there = Parse(Json("idx", $"\"folder\": \"there\", \"trainSha256\": \"{sha}\""));
        ExperimentConfiguration others = Parse(Json("idx", $"\"folder\": \"here\", \"trainSha256\": \"{new string('b', 64)}\""));

        Assert.Equal(ConfigurationFile.Fingerprint(here), ConfigurationFile.Fingerprint(there));
        Assert.NotEqual(ConfigurationFile.Fingerprint(here), ConfigurationFile.Fingerprint(others));
    }

    public void Dispose() => _scratch.Dispose();

    private static string Json(string dataset, string data) =>
        $$"""
        {
          "experiment": "own", "dataset": "{{dataset}}", "data": { {{data}} },
          "optimizer": { "kind": "sgd", "learningRate": 0.03 }, "passes": 1
        }
        """;

    private static ExperimentConfiguration Parse(string json) => ConfigurationFile.Parse(Encoding.UTF8.GetBytes(json), "x.json");
}
