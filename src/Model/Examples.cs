namespace GpuConvnet.Model;

/// <summary>A set of labelled images, in the order in which training presents them.</summary>
public sealed class Examples : ITrainingSet
{
    /// <summary>Wraps images and their labels; the arrays are not copied.</summary>
    /// <param name="pixels">(count, 16, 16), row-major, values in [-1, 1].</param>
    /// <param name="labels">(count), digits 0 to 9.</param>
    /// <param name="first">
    /// The first example's place in the set that these are a block of: perturbation is drawn for places, not for indices.
    /// </param>
    /// <exception cref="ArgumentException">The two arrays do not describe the same number of examples.</exception>
    public Examples(float[] pixels, byte[] labels, int first = 0)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(labels);
        if (pixels.Length != labels.Length * Shape1989.InputUnits)
        {
            throw new ArgumentException(
                $"{labels.Length} labels need {labels.Length * Shape1989.InputUnits} pixels, not {pixels.Length}.",
                nameof(pixels));
        }

        Pixels = pixels;
        Labels = labels;
        First = first;
    }

    /// <summary>(count, 16, 16), row-major, values in [-1, 1].</summary>
    public float[] Pixels { get; }

    /// <summary>(count), digits 0 to 9.</summary>
    public byte[] Labels { get; }

    /// <summary>The first example's place in the set that these are a block of; 0 for a whole set.</summary>
    public int First { get; }

    /// <summary>How many examples there are.</summary>
    public int Count => Labels.Length;

    /// <inheritdoc/>
    Examples ITrainingSet.Sample => this;

    /// <summary>One image, (16, 16).</summary>
    /// <param name="index">Which example, from 0.</param>
    public ReadOnlySpan<float> Image(int index) =>
        Pixels.AsSpan(index * Shape1989.InputUnits, Shape1989.InputUnits);

    /// <inheritdoc/>
    Examples ITrainingSet.BlockOf(int place, out int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(place);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, Count);
        index = place;
        return this;
    }
}
