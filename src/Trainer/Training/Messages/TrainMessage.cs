using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>A run that a worker is to train. Parameters go with it that it starts from, if it does.</summary>
/// <param name="Engine">What trains it: the conversation that opened it.</param>
/// <param name="Lane">Which of the worker's lanes.</param>
/// <param name="Configuration">The experiment, everything resolved.</param>
/// <param name="DataSeconds">How long the digits took the first rank, for the record.</param>
/// <param name="From">What it starts from; null for drawn weights.</param>
/// <param name="Pretraining">The run that trained that just before; null for a saved model.</param>
/// <param name="Saving">Where and how it is saved; null for nowhere.</param>
/// <param name="IsDropped">Whether an interruption of the worker drops it where it is, and does not wait for an evaluation.</param>
internal sealed record TrainMessage(
    int Engine,
    int Lane,
    string Configuration,
    double DataSeconds,
    string? From,
    RunResult? Pretraining,
    RunSaving? Saving,
    bool IsDropped) : Message;
