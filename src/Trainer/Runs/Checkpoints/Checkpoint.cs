using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Runs.Checkpoints;

/// <summary>A run half-way: all that it takes to go on as if it had never stopped.</summary>
internal sealed record Checkpoint
{
    /// <summary>The steps taken so far.</summary>
    public required long Steps { get; init; }

    /// <summary>Which configuration it belongs to: see <see cref="Setup.Configuration.ConfigurationFile.FingerprintOfSteps"/>.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>The time spent training so far.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>The time spent evaluating so far.</summary>
    public required double EvaluateSeconds { get; init; }

    /// <summary>The time since the run began, breaks not counted.</summary>
    public required double TotalSeconds { get; init; }

    /// <summary>
    /// The evaluations so far; none of a sweep's run, which is evaluated at its end alone. A checkpoint's file holds the first and the
    /// last of them, and the others are in the <see cref="HistoryLog"/> beside it.
    /// </summary>
    public required EvaluationHistory History { get; init; }

    /// <summary>
    /// Which kernels took the steps, so that the same go on; null where none did that are cut for the network of 1989, or in a file of an
    /// earlier version.
    /// </summary>
    public KernelChoice? Kernels { get; init; }

    /// <summary>Parameters and the optimizer's state. Random numbers have addresses, or are drawn anew up to the step.</summary>
    public required TrainingState State { get; init; }
}
