using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>How large a network is, and what an example costs.</summary>
/// <param name="Is1989">Whether it is that of 1989, which the fast paths are cut for.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="MultiplyAccumulates">Of an example on its way forward; those of a border count.</param>
/// <param name="TrainingMultiplyAccumulates">Of an example in training, forward and backward.</param>
internal sealed record NetworkSize(bool Is1989, int Parameters, long MultiplyAccumulates, long TrainingMultiplyAccumulates)
{
    /// <summary>That of an experiment's network.</summary>
    public static NetworkSize Of(ExperimentConfiguration configuration) => new(
        configuration.Is1989,
        configuration.ParameterCount,
        configuration.Layers.Operations,
        configuration.Layers.TrainingOperations);
}
