namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>How well a network that was not drawn did before the run trained it.</summary>
/// <param name="Train">On the training digits.</param>
/// <param name="Test">On the test digits.</param>
internal sealed record BeforeTraining(RunEvaluation Train, RunEvaluation Test);
