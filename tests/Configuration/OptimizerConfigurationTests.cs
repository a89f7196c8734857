using System.Text;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Configuration;

/// <summary>What an experiment by Muon, schedule-free AdamW or Lion may say, and what is meant by what it leaves out.</summary>
public class OptimizerConfigurationTests
{
    [Theory]
    [InlineData("$.optimizer.vectorLearningRate", "is muon's, and the optimizer is adamw", """ "kind": "adamw", "learningRate": 0.1, "vectorLearningRate": 0.1 """)]
    [InlineData("$.optimizer.matrixScale", "is muon's", """ "kind": "lion", "learningRate": 0.1, "matrixScale": "original" """)]
    [InlineData("$.optimizer.vectorLearningRate", "above 0", """ "kind": "muon", "learningRate": 0.1, "vectorLearningRate": 0 """)]
    [InlineData("$.optimizer.vectorWeightDecay", "from 0 to 100", """ "kind": "muon", "learningRate": 0.1, "vectorWeightDecay": -1 """)]
    [InlineData("$.optimizer.momentum", "expected a number above 0 and below 1, found 0: muon's momentum is Nesterov's", """ "kind": "muon", "learningRate": 0.1, "momentum": 0 """)]
    [InlineData("$.optimizer.nesterov", "needs a momentum above 0", """ "kind": "sgd", "learningRate": 0.1, "nesterov": true """)]
    [InlineData("$.optimizer.momentum", "is sgd's and muon's", """ "kind": "lion", "learningRate": 0.1, "momentum": 0.9 """)]
    [InlineData("$.optimizer.epsilon", "divides by nothing", """ "kind": "lion", "learningRate": 0.1, "epsilon": 0.1 """)]
    [InlineData("$.optimizer.schedule", "does without", """ "kind": "scheduleFreeAdamw", "learningRate": 0.1, "schedule": "cosine" """)]
    [InlineData("$.weightNormalization", "moves whole weight matrices", """ "kind": "muon", "learningRate": 0.1 }, "batch": 10, "weightNormalization": true, "passes": 1 """)]
    public void What_does_not_go_together_is_said_with_its_place(string path, string problem, string optimizer)
    {
        string json = $$"""{ "experiment": "x", "optimizer": { {{optimizer}} """;
        json += optimizer.Contains('}', StringComparison.Ordinal) ? "}" : "} }";

        BadInputException refusal = Assert.Throws<BadInputException>(() => Parse(json));

        Assert.Contains(path + ":", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_out_is_what_the_authors_begin_with()
    {
        Assert.Equal((0.95, true, 0.9, 0.999), Of("muon"));
        Assert.Equal((0.0, false, 0.9, 0.99), Of("lion"));
        Assert.Equal((0.0, false, 0.9, 0.999), Of("scheduleFreeAdamw"));
        Assert.Equal((0.0, false, 0.9, 0.999), Of("sgd"));

        static (double Momentum, bool Nesterov, double Beta1, double Beta2) Of(string kind)
        {
            OptimizerOptions read = Parse(Json(kind)).Optimizer;
            return (read.Momentum, read.Nesterov, read.Beta1, read.Beta2);
        }
    }

    [Theory]
    [InlineData("muon")]
    [InlineData("scheduleFreeAdamw")]
    [InlineData("lion")]
    public void What_is_written_is_read_as_it_was(string kind)
    {
        ExperimentConfiguration configuration = Parse(Json(kind));

        Assert.Equal(configuration.Optimizer, Again(configuration).Optimizer);
        OptimizerOptions changed = new(configuration.Optimizer.Kind, 0.1) { Beta1 = 0.7, Beta2 = 0.8 };
        Assert.Equal(changed, Again(configuration with { Optimizer = changed }).Optimizer);

        static ExperimentConfiguration Again(ExperimentConfiguration written) =>
            Parse(Encoding.UTF8.GetString(ConfigurationFile.Serialize(written)));
    }

    [Theory]
    [InlineData("muon", "moves whole weight matrices")]
    [InlineData("scheduleFreeAdamw", "has an average evaluated")]
    public void Replicas_refuse_what_they_cannot_train_by(string kind, string problem) => Assert.Contains(
        problem,
        EnsembleTrainer.UnsupportedReason(NetworkOptions.Base1989, EnsembleRule.Of(new(Optimizer.All.Single(each => each.Name == kind), 0.1)))!,
        StringComparison.Ordinal);

    private static string Json(string kind) =>
        $$"""{ "experiment": "x", "optimizer": { "kind": "{{kind}}", "learningRate": 0.1 }, "passes": 1 }""";

    private static ExperimentConfiguration Parse(string json) => ConfigurationFile.Parse(Encoding.UTF8.GetBytes(json), "x.json");
}
