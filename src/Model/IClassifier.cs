namespace GpuConvnet.Model;

/// <summary>
/// What says how digits are classified: a trained network (<see cref="INetwork"/>), or several whose outputs are averaged. Not safe for
/// use by several threads at once.
/// </summary>
public interface IClassifier : IDisposable
{
    /// <summary>The mean loss over a set, without label smoothing, and how many of it are misclassified.</summary>
    /// <param name="examples">The set.</param>
    /// <exception cref="ArgumentException">The set is empty.</exception>
    Evaluation Evaluate(Examples examples);

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
}
