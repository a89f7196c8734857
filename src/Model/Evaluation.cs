namespace GpuConvnet.Model;

/// <summary>How well a network does on a set of examples.</summary>
/// <param name="Examples">How many examples were evaluated.</param>
/// <param name="Loss">The mean loss over them.</param>
/// <param name="Misses">How many of them the network gave the largest output for a wrong digit.</param>
public readonly record struct Evaluation(int Examples, double Loss, int Misses)
{
    /// <summary>The misses in percent of the examples.</summary>
    public double ErrorPercent => 100.0 * Misses / Examples;
}
