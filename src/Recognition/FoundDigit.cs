namespace GpuConvnet.Recognition;

/// <summary>A digit, cut out of a picture.</summary>
/// <param name="Left">The first column that it had in the picture.</param>
/// <param name="Top">The first row that it had in the picture.</param>
/// <param name="Width">Columns, to the outermost ink.</param>
/// <param name="Height">Rows, to the outermost ink.</param>
/// <param name="Ink">(<paramref name="Height"/>, <paramref name="Width"/>), 0 paper to 1 ink.</param>
/// <param name="Others">How many other marks as heavy as a digit there are in the picture.</param>
public sealed record FoundDigit(int Left, int Top, int Width, int Height, float[] Ink, int Others);
