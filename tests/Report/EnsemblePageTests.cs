using System.Text.Json.Nodes;
using GpuConvnet.Tests.Commands;
using OpenQA.Selenium;

namespace GpuConvnet.Tests.Report;

/// <summary>The page of an ensemble in a browser: every network reads what is drawn, and the average is the trainer's.</summary>
public sealed class EnsemblePageTests : IDisposable
{
    private readonly ScratchExperiment _scratch = new(passes: 2, train: 300);

    [Theory]
    [InlineData("probabilities", "crossEntropy", "crossEntropy")]
    [InlineData("logits", "crossEntropy", "crossEntropy")]
    [InlineData("probabilities", "mse", "mse")]
    [InlineData("probabilities", "mse", "crossEntropy")]
    public void Its_outputs_are_the_trainers(string average, string oneLoss, string otherLoss)
    {
        string one = Train("one", oneLoss, "{}");
        string other = Train("other", otherLoss, """{ "network": { "family": "1989", "width": 0.5 } }""");
        string folder = _scratch.In("together");
        CommandRun made = CommandRun.Of("ensemble", one, other, "--average", average, "--out", folder);
        Assert.True(made.Code == 0, made.Error);

        using Browser browser = Browser.Open(Path.Combine(folder, "report.html"));

        float[] differences = browser.Numbers("""
            return report.data.runs[0].samples.flatMap((one) => {
              const { outputs } = report.networks[0].forward(report.floats(one.pixels));
              return one.outputs.map((expected, digit) => Math.abs(expected - outputs[digit]));
            });
            """);
        Assert.Equal(500, differences.Length);
        Assert.All(differences, difference => Assert.InRange(difference, 0, 1e-4f));
        Assert.Equal(3, browser["units"].FindElements(By.TagName("figure")).Count);
        Assert.Matches("^The ensemble reads [0-9](, unsurely)?; (all 2 networks say so|1 of its 2 networks say otherwise)", browser["verdict"].Text);
        Assert.Contains("Its outputs for", browser["check"].Text, StringComparison.Ordinal);
        Assert.Empty(browser.Complaints());
    }

    public void Dispose() => _scratch.Dispose();

    private string Train(string name, string loss, string change)
    {
        JsonNode experiment = JsonNode.Parse(File.ReadAllText(_scratch.Config))!;
        experiment["batch"] = 10;
        experiment["loss"] = loss;
        experiment["output"] = loss == "mse" ? "tanh" : "linear";
        foreach ((string key, JsonNode? value) in JsonNode.Parse(change)!.AsObject())
        {
            experiment[key] = value!.DeepClone();
        }

        string config = _scratch.Write($"{name}.json", experiment);
        CommandRun run = CommandRun.Of("--config", config, "-a", "host", "--out", _scratch.In(name), "--no-report", "--no-events");
        Assert.True(run.Code == 0, run.Error);
        return _scratch.In(name);
    }
}
