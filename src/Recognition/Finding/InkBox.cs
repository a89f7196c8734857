namespace GpuConvnet.Recognition.Finding;

/// <summary>A rectangle of pixels.</summary>
/// <param name="Left">Its first column.</param>
/// <param name="Top">Its first row.</param>
/// <param name="Right">The column after its last.</param>
/// <param name="Bottom">The row after its last.</param>
internal readonly record struct InkBox(int Left, int Top, int Right, int Bottom)
{
    /// <summary>Columns.</summary>
    public int Width => Right - Left;

    /// <summary>Rows.</summary>
    public int Height => Bottom - Top;

    /// <summary>The longer side.</summary>
    public int Longest => Math.Max(Width, Height);

    /// <summary>The box with so many pixels more on each side.</summary>
    public InkBox Grown(int by) => new(Left - by, Top - by, Right + by, Bottom + by);

    /// <summary>The smallest box around both.</summary>
    public InkBox With(InkBox other) => new(
        Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));

    /// <summary>How far apart the two are; 0 where they touch or overlap.</summary>
    public int DistanceTo(InkBox other) => Math.Max(
        Math.Max(0, Math.Max(Left, other.Left) - Math.Min(Right, other.Right)),
        Math.Max(0, Math.Max(Top, other.Top) - Math.Min(Bottom, other.Bottom)));
}
