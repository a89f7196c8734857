namespace GpuConvnet.Model.Training;

/// <summary>
/// How a batch is cut into slices whose gradients are summed each in the order of the examples and then with each
/// other. The cut depends on the batch's size alone, not on threads, memory, device or ranks, so neither do the sum's bits.
/// </summary>
/// <param name="limit">The most slices that a batch is cut into; 0 for <see cref="UsualMaximum"/>. Another number, other bits.</param>
internal readonly struct GradientSlices(int limit)
{
    /// <summary>The most slices that a batch is cut into unless told.</summary>
    public const int UsualMaximum = 32;

    /// <summary>A slice has at least this many examples, unless the batch has fewer.</summary>
    public const int LeastExamples = 32;

    /// <summary>The most slices that may be asked for.</summary>
    public const int MostAllowed = 4096;

    /// <summary>The most slices that a batch is cut into.</summary>
    public int Maximum => limit == 0 ? UsualMaximum : limit;

    /// <summary>How many slices a batch has.</summary>
    /// <param name="batch">Its examples, one or more.</param>
    public int Count(int batch) => Math.Clamp(batch / LeastExamples, 1, Maximum);

    /// <summary>The first example of a slice, counted from the batch's first.</summary>
    /// <param name="slice">The slice; the count of slices gives the end of the last one.</param>
    /// <param name="batch">The batch's examples.</param>
    public int Start(int slice, int batch) => (int)((long)slice * batch / Count(batch));
}
