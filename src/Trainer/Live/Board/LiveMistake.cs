namespace GpuConvnet.Trainer.Live.Board;

/// <summary>A digit that a network gets wrong.</summary>
/// <param name="Index">Which digit of the split, from 0.</param>
/// <param name="Predicted">What it was taken for.</param>
/// <param name="Confidence">How sure the network was of that, 0 to 1.</param>
internal sealed record LiveMistake(int Index, int Predicted, double Confidence);
