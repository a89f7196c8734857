using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Tests.Commands;
using GpuConvnet.Tests.Errors;
using GpuConvnet.Trainer.Runs.Models;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Ensembles;

/// <summary>Files of ensembles that are damaged, or made up: each is refused, and says why.</summary>
public sealed class DamagedEnsembleTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void What_was_saved_is_read_again()
    {
        SavedEnsemble ensemble = Ensemble();

        ModelFile file = Read(ensemble.ToModel());

        Assert.Equal(ensemble.Name, file.Experiment);
        Assert.Equal(OutputAverage.Logits, file.Ensemble!.Averaging.Average);
        Assert.Equal(ensemble.ParametersSha256, file.ParametersSha256);
        foreach ((ModelMember saved, ModelMember read) in ensemble.Members.Zip(file.Ensemble.Members))
        {
            Assert.Equal(saved.Parameters, read.Parameters);
            Assert.Equal(saved.ParametersSha256, read.ParametersSha256);
            Assert.Equal(saved.Configuration.Hidden, read.Configuration.Hidden);
            Assert.Equal(saved.Configuration.Train, read.Configuration.Train);
            Assert.Equal(saved.Description, read.Description);
        }
    }

    [Fact]
    public void A_bit_that_fell_is_noticed()
    {
        byte[] file = Bytes(Ensemble().ToModel());
        file[^1000] ^= 1;
        Assert.Contains("contentSha256", Refusal(file), StringComparison.Ordinal);

        Assert.Contains("bytes of tensors", Refusal(Bytes(Ensemble().ToModel())[..^4]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", "metadata 'ensemble'")]
    [InlineData("null", "expected an average and 1 to 256 members")]
    [InlineData("[]", "metadata 'ensemble'")]
    [InlineData("""{ "average": "logits" }""", "metadata 'ensemble'")]
    [InlineData("""{ "average": "logits", "members": [] }""", "expected an average and 1 to 256 members")]
    [InlineData("""{ "average": "logits", "members": [null, null] }""", "expected an average and 1 to 256 members")]
    [InlineData("""{ "average": "logits", "members": [{}, {}] }""", "member 0 does not say which network it is for")]
    [InlineData("""{ "average": "logits", "members": [], "more": 1 }""", "metadata 'ensemble'")]
    [InlineData("""{ "average": null, "members": [] }""", "metadata 'ensemble'")]
    public void Metadata_that_describe_no_ensemble_are_refused(string text, string why)
    {
        Assert.Contains(why, Refusal(WithEnsemble(_ => text)), StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_that_describe_another_ensemble_are_refused()
    {
        Assert.Contains("expected an average of probabilities or logits", Refusal(WithEnsemble(Changed(node => node["average"] = "votes"))), StringComparison.Ordinal);
        Assert.Contains("members.2.H1w", Refusal(WithEnsemble(Changed(node => node["members"]!.AsArray().RemoveAt(2)))), StringComparison.Ordinal);
        Assert.Contains("member 1: metadata 'loss'", Refusal(WithEnsemble(Changed(node => node["members"]![1]!["loss"] = "hinge"))), StringComparison.Ordinal);
        Assert.Contains(
            "logits are what cross entropy trains",
            Refusal(WithEnsemble(Changed(node => node["members"]![1]!["loss"] = "mse"))),
            StringComparison.Ordinal);
        Assert.Contains(
            "members.0.H1w",
            Refusal(WithEnsemble(Changed(node => node["members"]![0]!["network"] = """{ "family": "1989", "width": 2 }"""))),
            StringComparison.Ordinal);
        Assert.Contains(
            "member 0 does not hold the parameters that it says it does",
            Refusal(WithEnsemble(Changed(node => node["members"]![0]!["parametersSha256"] = new string('0', 64)))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_read_again_is_not_written()
    {
        SavedModel model = Ensemble().ToModel();
        Dictionary<string, string> metadata = new(model.Metadata) { ["long"] = new string('x', 1 << 20) };

        BadInputException refusal = Assert.Throws<BadInputException>(
            () => Safetensors.Write(Stream.Null, new SavedModel(model.Parameters, metadata) { Parts = model.Parts }));

        Assert.Contains("Join fewer networks", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_that_is_there_twice_is_refused()
    {
        ModelMember member = Member(1);

        Assert.Contains(
            "Name every network once",
            Assert.Throws<BadInputException>(() => new SavedEnsemble([member, Member(2), member], OutputAverage.Logits)).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static Func<string, string> Changed(Action<JsonNode> change) => text =>
    {
        JsonNode node = JsonNode.Parse(text)!;
        change(node);
        return node.ToJsonString();
    };

    /// <summary>The file with another description of its members, and no fingerprint of the whole.</summary>
    private byte[] WithEnsemble(Func<string, string> change)
    {
        SavedModel model = Ensemble().ToModel();
        Dictionary<string, string> metadata = new(model.Metadata);
        metadata.Remove("contentSha256");
        metadata["ensemble"] = change(metadata["ensemble"]);
        return Bytes(new SavedModel(model.Parameters, metadata) { Parts = model.Parts });
    }

    private SavedEnsemble Ensemble() => new([Member(1), Member(2), Member(3)], OutputAverage.Logits);

    private ModelMember Member(int seed)
    {
        JsonNode experiment = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        experiment["hidden"] = "relu";
        experiment["output"] = "linear";
        experiment["loss"] = "crossEntropy";
        ExperimentConfiguration configuration = ConfigurationFile.Load(_scratch.Write("member.json", experiment));
        return new ModelMember(
            $"member of seed {seed}", configuration, new Dictionary<string, string> { ["seed"] = $"{seed}" }, KnownModel.Parameters(seed));
    }

    private ModelFile Read(SavedModel model)
    {
        File.WriteAllBytes(_scratch.In("ensemble.safetensors"), Bytes(model));
        return ModelFile.Read(_scratch.In("ensemble.safetensors"), null);
    }

    private string Refusal(byte[] file)
    {
        File.WriteAllBytes(_scratch.In("damaged.safetensors"), file);
        return Assert.Throws<BadInputException>(() => ModelFile.Read(_scratch.In("damaged.safetensors"), null)).Message;
    }

    private static byte[] Bytes(SavedModel model)
    {
        using MemoryStream stream = new();
        Safetensors.Write(stream, model);
        return stream.ToArray();
    }
}
