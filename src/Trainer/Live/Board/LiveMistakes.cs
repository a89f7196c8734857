namespace GpuConvnet.Trainer.Live.Board;

/// <summary>The digits that a network gets wrong at one moment.</summary>
/// <param name="Steps">The steps that it had taken.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Examined">Of how many digits.</param>
/// <param name="Digits">The most confident of them, the most confident first.</param>
internal sealed record LiveMistakes(long Steps, int Count, int Examined, IReadOnlyList<LiveMistake> Digits);
