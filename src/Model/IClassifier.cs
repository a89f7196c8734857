namespace GpuConvnet.Model;

/// <summary>A network with its parameters, which says how digits are classified; not safe for use by several threads at once.</summary>
public interface IClassifier : IDisposable
{
    /// <summary>Sets the parameters.</summary>
    /// <param name="parameters">All of them, in the order of the network's vector.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    void Load(ReadOnlySpan<float> parameters);

    /// <summary>The mean loss over a set, without label smoothing, and how many of it are misclassified.</summary>
    /// <param name="examples">The set.</param>
    /// <exception cref="ArgumentException">The set is empty.</exception>
    Evaluation Evaluate(Examples examples);

    /// <summary>The mean over a set of what training minimises: the loss with label smoothing.</summary>
    /// <param name="examples">The set.</param>
    /// <exception cref="ArgumentException">The set is empty.</exception>
    double TrainingLoss(Examples examples);

    /// <summary>The ten outputs for one image.</summary>
    /// <param name="image">(16, 16), values in [-1, 1].</param>
    /// <param name="outputs">Room for ten values.</param>
    /// <exception cref="ArgumentException">Either has another length.</exception>
    void Outputs(ReadOnlySpan<float> image, Span<float> outputs);

    /// <summary>The outputs for every image of a set.</summary>
    /// <param name="examples">The set.</param>
    /// <param name="outputs">(examples, 10).</param>
    /// <exception cref="ArgumentException">There is room for more or fewer.</exception>
    void Outputs(Examples examples, Span<float> outputs);

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
