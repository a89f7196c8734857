namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>Which digits of a set are used.</summary>
/// <param name="Train">Those that are trained on, by their place in the training split, in the order of presentation.</param>
/// <param name="Test">Those that are tested or validated on.</param>
/// <param name="IsOfTrain">Whether these are of the training split, and not of the test split.</param>
internal sealed record OwnChoice(int[] Train, int[] Test, bool IsOfTrain);
