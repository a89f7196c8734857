using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>What a run leaves behind.</summary>
/// <param name="Configuration">The configuration as it was run, with everything resolved.</param>
/// <param name="Result">What came out.</param>
/// <param name="Parameters">The trained parameters.</param>
internal sealed record RunOutcome(ExperimentConfiguration Configuration, RunResult Result, float[] Parameters);
