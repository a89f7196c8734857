namespace GpuConvnet.Model;

/// <summary>What every network that classifies can be asked.</summary>
public static class ClassifierExtensions
{
    /// <summary>The digit that a network takes an image for: that of its largest output, of equal ones the first.</summary>
    /// <param name="classifier">The network.</param>
    /// <param name="image">(16, 16), row-major, values in [-1, 1], ink above paper.</param>
    /// <returns>0 to 9.</returns>
    /// <exception cref="ArgumentException">The image has another length.</exception>
    public static int Predict(this IClassifier classifier, ReadOnlySpan<float> image)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        Span<float> outputs = stackalloc float[Shape1989.Outputs];
        classifier.Outputs(image, outputs);
        return Answer(outputs);
    }

    /// <summary>The digit of the largest output; of equal ones the first.</summary>
    /// <param name="outputs">The ten outputs.</param>
    internal static int Answer(ReadOnlySpan<float> outputs)
    {
        int answer = 0;
        for (int digit = 1; digit < outputs.Length; digit++)
        {
            answer = outputs[digit] > outputs[answer] ? digit : answer;
        }

        return answer;
    }
}
