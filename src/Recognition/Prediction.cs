namespace GpuConvnet.Recognition;

/// <summary>What the network takes a digit for.</summary>
/// <param name="Digit">The answer: the digit of the largest output.</param>
/// <param name="RunnerUp">The digit of the second largest.</param>
/// <param name="Outputs">The ten outputs.</param>
/// <param name="Probabilities">What they say as probabilities, where training made them so: of cross entropy; else null.</param>
/// <param name="Margin">How far the answer stands above the runner-up, 0 or more; of probabilities where there are some, else of outputs.</param>
public sealed record Prediction(int Digit, int RunnerUp, float[] Outputs, double[]? Probabilities, double Margin)
{
    /// <summary>What each member of an ensemble would answer; null of a single network.</summary>
    public IReadOnlyList<int>? Answers { get; init; }

    /// <summary>How many members would answer otherwise; null of a single network.</summary>
    public int? Dissent => Answers?.Count(answer => answer != Digit);
}
