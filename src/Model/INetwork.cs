namespace GpuConvnet.Model;

/// <summary>One network with its parameters, which can be set, and by which its loss can be differentiated.</summary>
public interface INetwork : IClassifier
{
    /// <summary>Sets the parameters.</summary>
    /// <param name="parameters">All of them, in the order of the network's vector.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    void Load(ReadOnlySpan<float> parameters);

    /// <summary>The mean over a set of what training minimises: the loss with label smoothing.</summary>
    /// <param name="examples">The set.</param>
    /// <exception cref="ArgumentException">The set is empty.</exception>
    double TrainingLoss(Examples examples);

    /// <summary>The gradient of the mean training loss over some examples, and that loss; the parameters stay as they are.</summary>
    /// <param name="examples">The set they are from.</param>
    /// <param name="start">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="gradient">Room for a value per parameter.</param>
    /// <returns>The mean loss.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The set has no such range, or it is empty.</exception>
    /// <exception cref="ArgumentException"><paramref name="gradient"/> has another length.</exception>
    double Gradient(Examples examples, int start, int count, Span<float> gradient);
}
