namespace GpuConvnet.Recognition.Finding;

/// <summary>A digit, cut out of a picture.</summary>
/// <param name="Left">The first column that it had in the picture.</param>
/// <param name="Top">The first row that it had in the picture.</param>
/// <param name="Width">Columns, to the outermost ink.</param>
/// <param name="Height">Rows, to the outermost ink.</param>
/// <param name="Ink">(<paramref name="Height"/>, <paramref name="Width"/>), 0 paper to 1 ink.</param>
/// <param name="Others">How many other marks as heavy as a digit there are in the picture.</param>
public sealed record FoundDigit(int Left, int Top, int Width, int Height, float[] Ink, int Others)
{
    /// <summary>How many pixels of the file, along a side, became one of these.</summary>
    public double Reduction { get; init; } = 1;

    /// <summary>What was seen beside plain paper: "lines removed", "read inside a frame", "two candidates".</summary>
    public IReadOnlyList<string> Seen { get; init; } = [];

    /// <summary>How sure it is that this is a digit's shape and all of it, from 0 to 1.</summary>
    public double Sureness { get; init; } = 1;
}
