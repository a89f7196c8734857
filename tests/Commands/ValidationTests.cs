using System.Text.Json.Nodes;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Commands;

/// <summary>What is printed and recorded of a run on validation digits says that they are not the test split.</summary>
public sealed class ValidationTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new();

    [Fact]
    public void Every_line_says_validation()
    {
        CommandRun run = CommandRun.Of("--config", _scratch.Config, "--validation", "70");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("200 training and 70 validation digits", run.Output, StringComparison.Ordinal);
        Assert.Equal(
            [true, false, true, false],
            run.OutputLines.Where(line => line.StartsWith("eval: split ", StringComparison.Ordinal))
                .Select(line => line.StartsWith("eval: split train. loss ", StringComparison.Ordinal)));
        Assert.Equal(2, run.OutputLines.Count(line => line.StartsWith("eval: split valid. loss ", StringComparison.Ordinal)));
        Assert.DoesNotContain("split test", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_statistics_of_several_seeds_say_validation()
    {
        CommandRun run = CommandRun.Of(
            "--config", _scratch.Config, "--validation", "70", "--runs", "2", "--out", _scratch.In("runs"));

        Assert.Contains("validation misses: mean ", run.Output, StringComparison.Ordinal);
        Assert.Contains("train misses:      mean ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("test misses", run.Output, StringComparison.Ordinal);
        Assert.Equal("validation", (string)Read("runs", "result.json")["testedOn"]!);
    }

    [Fact]
    public void The_key_stands_in_the_result_only_of_a_run_on_validation_digits()
    {
        JsonNode held = JsonNode.Parse(CommandRun.Of("--config", _scratch.Config, "--validation", "70", "--json").Output)!;
        JsonNode tested = JsonNode.Parse(CommandRun.Of("--config", _scratch.Config, "--json").Output)!;

        Assert.Equal("validation", (string)held["testedOn"]!);
        Assert.Equal(70, (int)held["test"]!["examples"]!);
        Assert.False(tested.AsObject().ContainsKey("testedOn"));
        Assert.Equal(50, (int)tested["test"]!["examples"]!);
        Assert.Equal((string)tested["parametersSha256"]!, (string)held["parametersSha256"]!);
    }

    [Fact]
    public void The_folder_says_validation_and_keeps_the_number_of_test_digits()
    {
        CommandRun.Of("--config", _scratch.Config, "--validation", "70", "--out", _scratch.In("held"));
        CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("tested"));

        ExperimentConfiguration held = ConfigurationFile.Load(_scratch.In("held", "config.json"));
        Assert.Equal((50, 70), (held.Test, held.Validation));
        Assert.StartsWith(
            "pass,step,trainLoss,trainErrorPercent,trainMisses,validationLoss,validationErrorPercent,validationMisses,seconds\n",
            File.ReadAllText(_scratch.In("held", "history.csv")), StringComparison.Ordinal);
        Assert.False(Read("tested", "config.json").AsObject().ContainsKey("validation"));
        Assert.StartsWith(
            "pass,step,trainLoss,trainErrorPercent,trainMisses,testLoss,testErrorPercent,testMisses,seconds\n",
            File.ReadAllText(_scratch.In("tested", "history.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public void Eval_evaluates_on_the_validation_digits_unless_the_test_split_is_asked_for()
    {
        JsonNode held = JsonNode.Parse(CommandRun.Of(
            "--config", _scratch.Config, "--validation", "70", "--out", _scratch.In("held"), "--json").Output)!;
        JsonNode tested = JsonNode.Parse(CommandRun.Of("--config", _scratch.Config, "--json").Output)!;
        string model = _scratch.In("held", "model.safetensors");

        JsonNode again = JsonNode.Parse(CommandRun.Of("eval", model, "--json").Output)!;
        JsonNode validation = JsonNode.Parse(CommandRun.Of("eval", model, "--split", "validation", "--json").Output)!;
        JsonNode test = JsonNode.Parse(CommandRun.Of("eval", model, "--split", "test", "--json").Output)!;

        Assert.Equal(("validation", "validation"), ((string)again["testedOn"]!, (string)validation["testedOn"]!));
        Assert.Equal(held["test"]!.ToJsonString(), again["test"]!.ToJsonString());
        Assert.Equal(held["test"]!.ToJsonString(), validation["test"]!.ToJsonString());
        Assert.Null(validation["train"]);
        Assert.False(test.AsObject().ContainsKey("testedOn"));
        Assert.Equal(tested["test"]!.ToJsonString(), test["test"]!.ToJsonString());
    }

    [Fact]
    public void Eval_on_validation_digits_needs_to_know_how_many()
    {
        CommandRun.Of("--config", _scratch.Config, "--out", _scratch.In("tested"));
        string model = _scratch.In("tested", "model.safetensors");

        CommandRun refused = CommandRun.Of("eval", model, "--split", "validation");

        Assert.Equal(2, refused.Code);
        Assert.Contains("--validation N", refused.Error, StringComparison.Ordinal);
        Assert.Contains(
            "eval: split valid.",
            CommandRun.Of("eval", model, "--split", "validation", "--validation", "30").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_overrules_the_configuration()
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(_scratch.Config))!.AsObject();
        json["validation"] = 40;
        string config = _scratch.Write("validation.json", json);

        Assert.Contains("40 validation digits", CommandRun.Of("--config", config).Output, StringComparison.Ordinal);
        Assert.Contains("50 test digits", CommandRun.Of("--config", config, "--validation", "0").Output, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private JsonNode Read(params string[] names) => JsonNode.Parse(File.ReadAllText(_scratch.In(names)))!;
}
