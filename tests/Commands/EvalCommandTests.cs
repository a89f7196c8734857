using System.Text.Json.Nodes;
using GpuConvnet.Formats.SavedModels;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Studies.Verification;

namespace GpuConvnet.Tests.Commands;

public sealed class EvalCommandTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void A_saved_model_evaluates_as_it_did_when_it_was_saved()
    {
        JsonNode trained = JsonNode.Parse(
            CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("a"), "--json").Output)!;

        CommandRun run = CommandRun.Of("eval", _scratch.In("a", "model.safetensors"), "--json");

        Assert.Equal(0, run.Code);
        JsonNode evaluated = JsonNode.Parse(run.Output)!;
        Assert.Equal(trained["train"]!.ToJsonString(), evaluated["train"]!.ToJsonString());
        Assert.Equal(trained["test"]!.ToJsonString(), evaluated["test"]!.ToJsonString());
        Assert.Equal((string)trained["parametersSha256"]!, (string)evaluated["parametersSha256"]!);
    }

    [Fact]
    public void A_saved_model_says_by_which_table_its_maps_are_connected()
    {
        H2Connections connections = RandomCase.DrawConnections(new Random(5));
        JsonNode experiment = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        experiment["connections"] = JsonNode.Parse(connections.ToString());
        string config = _scratch.Write("own.json", experiment);
        JsonNode trained = JsonNode.Parse(
            CommandRun.Of("--config", config, "--out", _scratch.In("a"), "--json").Output)!;

        CommandRun run = CommandRun.Of("eval", _scratch.In("a", "model.safetensors"), "--json");

        Assert.Equal(trained["test"]!.ToJsonString(), JsonNode.Parse(run.Output)!["test"]!.ToJsonString());
    }

    [Theory]
    [InlineData("train", true, false)]
    [InlineData("test", false, true)]
    [InlineData("both", true, true)]
    public void Split_chooses_the_digits(string split, bool train, bool test)
    {
        CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("a"), "--passes", "1");

        CommandRun run = CommandRun.Of("eval", _scratch.In("a", "model.safetensors"), "--split", split);

        Assert.Equal(train, run.Output.Contains("eval: split train.", StringComparison.Ordinal));
        Assert.Equal(test, run.Output.Contains("eval: split test .", StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_that_does_not_say_what_it_is_needs_a_configuration()
    {
        string model = _scratch.In("bare.safetensors");
        using (FileStream stream = File.Create(model))
        {
            Safetensors.Write(stream, new SavedModel(InitialParameters.Draw(NetworkOptions.Base1989, 1), new Dictionary<string, string>()));
        }

        CommandRun refused = CommandRun.Of("eval", model);
        Assert.Equal(2, refused.Code);
        Assert.Contains("--config", refused.Error, StringComparison.Ordinal);

        Assert.Equal(0, CommandRun.Of("eval", model, "--config", _scratch.Config).Code);
    }

    [Theory]
    [InlineData("hidden", "sigmoid")]
    [InlineData("connections", "[[0, 1]]")]
    [InlineData("connections", "none")]
    [InlineData("train", "-1")]
    [InlineData("test", "0")]
    [InlineData("dataSeed", "99999999999999999999")]
    public void Metadata_that_make_no_sense_are_refused(string key, string value)
    {
        Dictionary<string, string> metadata = new()
        {
            ["hidden"] = "tanh",
            ["output"] = "tanh",
            ["loss"] = "mse",
            ["dataset"] = "builtin",
            [key] = value,
        };
        string model = _scratch.In("odd.safetensors");
        using (FileStream stream = File.Create(model))
        {
            Safetensors.Write(stream, new SavedModel(InitialParameters.Draw(NetworkOptions.Base1989, 1), metadata));
        }

        CommandRun run = CommandRun.Of("eval", model);

        Assert.Equal(2, run.Code);
        Assert.Contains(key, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_model_is_refused()
    {
        Assert.Contains("no model", CommandRun.Of("eval", _scratch.In("nowhere")).Error, StringComparison.Ordinal);
        Assert.Contains("is a folder", CommandRun.Of("eval", _scratch.In()).Error, StringComparison.Ordinal);
        Assert.Contains("not a model", CommandRun.Of("eval", _scratch.Config).Error, StringComparison.Ordinal);
        Assert.Equal(2, CommandRun.Of("eval", _scratch.Config).Code);
        Assert.Equal(2, CommandRun.Of("eval").Code);
    }

    public void Dispose() => _scratch.Dispose();
}
