namespace GpuConvnet.Model;

/// <summary>A set of labelled images, in the order in which training presents them.</summary>
public sealed class Examples : ITrainingSet
{
    private readonly float[] _pixels;
    private readonly byte[] _labels;
    private readonly IExampleSource? _source;
    private readonly float[]? _taught;
    private readonly int[]? _places;

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

        _pixels = pixels;
        _labels = labels;
        First = first;
    }

    /// <summary>Wraps room for images and labels that are filled in one by one, when they are first looked at.</summary>
    /// <param name="pixels">(count, 16, 16).</param>
    /// <param name="labels">(count).</param>
    /// <param name="first">The first example's place in the set that these are a block of.</param>
    /// <param name="source">Fills an example in.</param>
    internal Examples(float[] pixels, byte[] labels, int first, IExampleSource source)
        : this(pixels, labels, first) => _source = source;

    /// <summary>Wraps images, as a step has distorted them, of which a teacher has said what the outputs should be.</summary>
    /// <param name="pixels">(count, 16, 16).</param>
    /// <param name="labels">(count).</param>
    /// <param name="taught">(count, 10), what the outputs should be.</param>
    /// <param name="places">(count), each example's place in the set that they are from.</param>
    internal Examples(float[] pixels, byte[] labels, float[] taught, int[] places)
        : this(pixels, labels) => (_taught, _places) = (taught, places);

    /// <summary>(count, 16, 16), row-major, values in [-1, 1].</summary>
    public float[] Pixels
    {
        get
        {
            RequireAll();
            return _pixels;
        }
    }

    /// <summary>(count), digits 0 to 9.</summary>
    public byte[] Labels
    {
        get
        {
            RequireAll();
            return _labels;
        }
    }

    /// <summary>The first example's place in the set that these are a block of; 0 for a whole set.</summary>
    public int First { get; }

    /// <summary>An example's place in the set that these are a block of: what perturbation is drawn for.</summary>
    /// <param name="index">Which example, from 0.</param>
    internal int PlaceOf(int index) => _places is null ? First + index : _places[index];

    /// <summary>What a teacher says that the ten outputs of an example should be.</summary>
    /// <param name="index">Which example, from 0.</param>
    /// <exception cref="InvalidOperationException">No teacher has seen these examples.</exception>
    internal ReadOnlySpan<float> Taught(int index) => _taught is null
        ? throw new InvalidOperationException("The network is to learn from a teacher, which has not seen these examples.")
        : _taught.AsSpan(index * Shape1989.Outputs, Shape1989.Outputs);

    /// <summary>How many examples there are.</summary>
    public int Count => _labels.Length;

    /// <inheritdoc/>
    Examples ITrainingSet.Sample => this;

    /// <summary>One image, (16, 16).</summary>
    /// <param name="index">Which example, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public ReadOnlySpan<float> Image(int index)
    {
        _source?.Require(index);
        return _pixels.AsSpan(index * Shape1989.InputUnits, Shape1989.InputUnits);
    }

    /// <summary>The digit of one image, 0 to 9.</summary>
    /// <param name="index">Which example, from 0.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such example.</exception>
    public byte Label(int index)
    {
        _source?.Require(index);
        return _labels[index];
    }

    /// <inheritdoc/>
    Examples ITrainingSet.BlockOf(int place, out int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(place);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, Count);
        index = place;
        return this;
    }

    private void RequireAll()
    {
        for (int example = 0; _source is not null && example < Count; example++)
        {
            _source.Require(example);
        }
    }
}
