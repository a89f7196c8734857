using System.Text.Json.Nodes;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Tests.Commands;

public sealed class GradcheckCommandTests
{
    public static TheoryData<Activation, Activation, Loss> Networks => new()
    {
        { Activation.Of<Tanh>(), Activation.Of<Tanh>(), Loss.Of<SquaredError>() },
        { Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<SquaredError>() },
        { Activation.Of<Tanh>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>() },
        { Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>() },
        { Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>() },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_part_of_every_networks_gradient_is_the_numerical_one(
        Activation hidden, Activation output, Loss loss)
    {
        ExperimentConfiguration configuration =
            ConfigurationFile.Load("demo") with
            {
                Hidden = hidden,
                Output = output,
                Loss = loss,
                LabelSmoothing = loss == Loss.Of<SoftmaxCrossEntropy>() ? 0.1 : 0,
            };
        Examples digits = DataSets.Load(
            new DataRequest(DataSets.Builtin, GradientCheck.ExampleCount, 1, SplitOrder.TestThenTrain, 1337),
            DataFolder.Resolve(null), _ => { }, TestContext.Current.CancellationToken).Train;

        GradientCheckResult result =
            new GradientCheck(configuration, digits).Execute(mostPerPart: 12, TestContext.Current.CancellationToken);

        Assert.All(result.Parts, part => Assert.True(part.Passed, part.ToString()));
        Assert.True(result.Passed);
        Assert.Equal(Parameters.Parts.Select(part => part.Name), result.Parts.Select(part => part.Part));
        if (hidden != Activation.Of<ReLU>())
        {
            Assert.All(result.Parts, part => Assert.Equal((Math.Min(12, part.Parameters), 0), (part.Checked, part.Skipped)));
        }
    }

    [Fact]
    public void Json_and_exit_code_give_the_verdict()
    {
        CommandRun run = CommandRun.Of("gradcheck", "--json", "--most-per-part", "4");

        Assert.Equal(0, run.Code);
        JsonNode result = JsonNode.Parse(run.Output)!;
        Assert.True((bool)result["passed"]!);
        Assert.Equal(8, result["parts"]!.AsArray().Count);
        Assert.Contains("gradient check passed", run.Error, StringComparison.Ordinal);
    }
}
