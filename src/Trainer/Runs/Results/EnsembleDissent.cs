namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>The digits for which so many members of an ensemble answer otherwise than it does.</summary>
/// <param name="Members">How many members.</param>
/// <param name="Digits">How many digits there are.</param>
/// <param name="Misses">How many of them the ensemble misclassifies.</param>
internal sealed record EnsembleDissent(int Members, int Digits, int Misses);
