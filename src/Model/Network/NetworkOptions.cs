namespace GpuConvnet.Model.Network;

/// <summary>What may vary in the 1989 network without changing its 9,760 parameters.</summary>
/// <param name="Hidden">The activation of H1, H2 and H3.</param>
/// <param name="Output">The activation of the ten outputs.</param>
/// <param name="Loss">What training minimises.</param>
public sealed record NetworkOptions(HiddenActivation Hidden, OutputActivation Output, Loss Loss)
{
    /// <summary>The article's base network: tanh everywhere, squared error.</summary>
    public static NetworkOptions Base1989 { get; } = new(HiddenActivation.Tanh, OutputActivation.Tanh, Loss.Mse);

    /// <summary>How far the initial weights spread.</summary>
    public InitialWeights InitialWeights { get; init; } = InitialWeights.Article;

    /// <summary>Which maps of H1 each map of H2 reads.</summary>
    public H2Connections Connections { get; init; } = H2Connections.Article;

    /// <summary>
    /// Whether training moves the length and the direction of each weight vector apart from each other. The passes know
    /// nothing of it, and parameters go in and come out as ever; batch trainers' steps do it.
    /// </summary>
    public bool WeightNormalization { get; init; }

    /// <summary>The share of cross entropy's target that training spreads over all ten outputs, in [0, 1).</summary>
    public double LabelSmoothing { get; init; }
}
