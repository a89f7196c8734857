using System.Text;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Configuration;

/// <summary>What an experiment by the paper's method may say, and in what order it presents digits.</summary>
public class NewtonConfigurationTests
{
    private const string Newton = "\"optimizer\": { \"kind\": \"newton\", \"learningRate\": 0.0007 }";

    [Theory]
    [InlineData("$.optimizer.damping", "is newton's, and the optimizer is sgd", """ "optimizer": { "kind": "sgd", "learningRate": 0.1, "damping": 0.1 } """)]
    [InlineData("$.optimizer.curvatureEvery", "is newton's", """ "optimizer": { "kind": "adam", "learningRate": 0.1, "curvatureEvery": 7 } """)]
    [InlineData("$.optimizer.momentum", "newton has none", """ "optimizer": { "kind": "newton", "learningRate": 0.1, "momentum": 0.9 } """)]
    [InlineData("$.optimizer.beta1", "is adam's", """ "optimizer": { "kind": "newton", "learningRate": 0.1, "beta1": 0.5 } """)]
    [InlineData("$.optimizer.weightDecay", "is not newton's", """ "optimizer": { "kind": "newton", "learningRate": 0.1, "weightDecay": 0.1 } """)]
    [InlineData("$.optimizer.kind", "network of 1989 alone", Newton + """, "network": { "family": "1989", "width": 2 } """)]
    [InlineData("$.weightNormalization", "second derivatives", Newton + """, "batch": 10, "weightNormalization": true """)]
    [InlineData("$.shuffle", "is for \"batch\": 1 (a full batch knows no order), and the batch is 10", Newton + """, "shuffle": "once", "batch": 10 """)]
    [InlineData("$.shuffle", "drawn while it is trained on", Newton + """, "shuffle": "once", "dataset": "builtin", "train": 200000 """)]
    public void What_does_not_go_together_is_said_with_its_place(string path, string problem, string more)
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(more));

        Assert.Contains(path + ":", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>What the optimizer does not speak of is not written, so that folders of earlier releases go on.</summary>
    [Fact]
    public void Other_configurations_are_written_as_they_were()
    {
        string written = Encoding.UTF8.GetString(ConfigurationFile.Serialize(Parse(""" "optimizer": { "kind": "sgd", "learningRate": 0.03 } """)));

        Assert.DoesNotContain("shuffle", written, StringComparison.Ordinal);
        Assert.DoesNotContain("curvature", written, StringComparison.Ordinal);
        Assert.DoesNotContain("damping", written, StringComparison.Ordinal);
        ExperimentConfiguration newton = Parse(Newton + """, "shuffle": "everyPass" """);
        ExperimentConfiguration again = ConfigurationFile.Parse(ConfigurationFile.Serialize(newton), "again.json");
        Assert.Equal((PresentationOrder.ShuffledEveryPass, newton.Optimizer), (again.Shuffle, again.Optimizer));
    }

    [Fact]
    public void An_estimate_is_made_before_the_first_step_or_before_each_pass()
    {
        OptimizerOptions once = new(Optimizer.Of<Newton>(), 0.1) { CurvatureExamples = 30 };
        OptimizerOptions often = once with { CurvatureEvery = 4 };

        Assert.Equal([30, 0, 0, 0, 0], Enumerable.Range(0, 5).Select(once.CurvatureExamplesBefore));
        Assert.Equal([30, 0, 0, 0, 30], Enumerable.Range(0, 5).Select(often.CurvatureExamplesBefore));
        Assert.Equal(0, new OptimizerOptions(Optimizer.Of<Sgd>(), 0.1).CurvatureExamplesBefore(0));
    }

    [Fact]
    public void Every_pass_presents_every_digit_once_in_an_order_that_its_number_decides()
    {
        ExperimentConfiguration anew = Parse(Newton + """, "shuffle": "everyPass" """);
        ExperimentConfiguration once = Parse(Newton + """, "shuffle": "once" """);
        int[] first = Starts(anew, 0, 50);
        int[] second = Starts(anew, 50, 50);

        Assert.Equal(Enumerable.Range(0, 50), first.Order());
        Assert.Equal(Enumerable.Range(0, 50), second.Order());
        Assert.NotEqual(first, second);
        Assert.Equal([.. first[30..], .. second[..20]], Starts(anew, 30, 40));
        Assert.Equal(Starts(once, 0, 50), Starts(once, 50, 50));
        Assert.Equal(first, Starts(once, 0, 50));
        Assert.NotEqual(first, Starts(anew with { Seed = 2 }, 0, 50));
        Assert.Equal([0, 0], Starts(anew with { Batch = BatchSize.Full }, 0, 2));

        static int[] Starts(ExperimentConfiguration configuration, int step, int count)
        {
            int[] starts = new int[count];
            ReadOnlySpan<BatchStep> steps = configuration.Schedule(50).Steps(step, count);
            for (int i = 0; i < count; i++)
            {
                starts[i] = steps[i].Start;
            }

            return starts;
        }
    }

    private static ExperimentConfiguration Parse(string more)
    {
        string train = more.Contains("\"train\"", StringComparison.Ordinal) ? "" : "\"train\": 50, ";
        return ConfigurationFile.Parse(
            Encoding.UTF8.GetBytes($$"""{ "experiment": "x", {{train}}"passes": 3, {{more}} }"""), "x.json");
    }
}
