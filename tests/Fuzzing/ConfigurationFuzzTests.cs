using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Tests.Fuzzing;

public sealed class ConfigurationFuzzTests
{
    private const string Name = "damaged.json";

    private const long MostBytes = 4 << 20;

    // One with everything in it beside those that come with the program.
    private static readonly byte[][] s_documents =
    [
        """
        {
          // comments are allowed
          "experiment": "all", "description": "every key", "dataset": "builtin", "order": "trainThenTest", "train": 100, "test": 50,
          "validation": 10, "dataSeed": 7, "hidden": "relu", "output": "linear", "loss": "crossEntropy",
          "connections": [[0,1,2,3,4,5,6,7],[0,1,2,3,4,5,6,7],[0,1,2,3,4,5,6,7],[0,1,2,3,4,5,6,7],[4,5,6,7,8,9,10,11],
            [4,5,6,7,8,9,10,11],[4,5,6,7,8,9,10,11],[4,5,6,7,8,9,10,11],[0,1,2,3,8,9,10,11],[0,1,2,3,8,9,10,11],
            [0,1,2,3,8,9,10,11],[0,1,2,3,8,9,10,11]],
          "weightNormalization": true, "labelSmoothing": 0.1, "initialWeights": "article",
          "optimizer": { "kind": "adamw", "learningRate": 0.01, "schedule": "cosine", "scheduleSpan": "step", "finalLearningRate": 0.001,
            "warmupSteps": 5, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "weightDecay": 0.01 },
          "batch": 10, "shift": 1, "rotate": 5, "scale": 0.1, "elastic": 0.5, "undistorted": 0.1, "dropout": 0.25, "randomNumbers": "philox",
          "evaluateEvery": 10, "passes": 3, "seed": 1, "from": "1989-base",
        }
        """u8.ToArray(),
        ConfigurationFile.Serialize(ConfigurationFile.Load("1989-base")),
        ConfigurationFile.Serialize(ConfigurationFile.Load("modern-fullbatch")),
        ConfigurationFile.Serialize(ConfigurationFile.Load("best-7291")),
    ];

    [Fact]
    public void Damaged_configurations_are_read_or_refused() =>
        Readers.Hold(Mutations.Of(s_documents, Readers.Count, seed: 1), Name, MostBytes, Read);

    [Fact]
    public void Configurations_with_wrong_values_are_read_or_refused() => Readers.Hold(
        JsonMutations.Of(
            [.. s_documents.Select(document => ConfigurationFile.Serialize(ConfigurationFile.Parse(document, Name)))],
            3 * Readers.Count,
            seed: 2),
        Name,
        MostBytes,
        Read);

    /// <summary>What is read can be used, and comes back the same when it is saved and read again.</summary>
    private static void Read(byte[] document)
    {
        ExperimentConfiguration configuration = ConfigurationFile.Parse(document, Name);

        Assert.InRange(configuration.TotalSteps, 1, int.MaxValue);
        Assert.InRange(configuration.EvaluationSteps, 1, int.MaxValue);
        Assert.InRange(configuration.Data.Batch, 1, configuration.Train);
        Assert.True(double.IsFinite(configuration.LearningRateSchedule.Rate(0, (int)configuration.TotalSteps)));
        Assert.NotNull(configuration.Network);
        Assert.InRange(configuration.Schedule(configuration.Train).Steps(0, 1)[0].Perturbation.MaximumShift, 0, 4);
        Assert.Equal(
            ConfigurationFile.Fingerprint(configuration),
            ConfigurationFile.Fingerprint(ConfigurationFile.Parse(ConfigurationFile.Serialize(configuration), "saved")));
    }
}
