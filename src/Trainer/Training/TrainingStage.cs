using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>One of the experiments that a job trains one after the other, ready to be trained.</summary>
/// <param name="Configuration">The configuration, everything resolved.</param>
/// <param name="Data">Its digits.</param>
/// <param name="Choice">What trains it.</param>
/// <param name="DataSeconds">How long its digits took.</param>
/// <param name="Number">Which of the stages it is, from 1.</param>
/// <param name="Stages">How many there are.</param>
internal sealed record TrainingStage(
    ExperimentConfiguration Configuration, LoadedData Data, EngineChoice Choice, double DataSeconds, int Number, int Stages)
{
    /// <summary>Whether it is the experiment that was asked for, not one that it starts from.</summary>
    public bool IsLast => Number == Stages;
}
