namespace GpuConvnet.Recognition;

/// <summary>A connected piece of ink: a digit, a part of one, a speck, the edge of the paper.</summary>
internal sealed class InkMark
{
    /// <summary>What part of the picture's edge only what surrounds the paper covers.</summary>
    private const double MostOfEdge = 0.25;

    /// <summary>Starts an empty mark.</summary>
    /// <param name="label">The number that its pixels are labelled with.</param>
    public InkMark(int label) => Label = label;

    /// <summary>The number that its pixels are labelled with.</summary>
    public int Label { get; }

    /// <summary>Its leftmost column.</summary>
    public int Left { get; private set; } = int.MaxValue;

    /// <summary>Its topmost row.</summary>
    public int Top { get; private set; } = int.MaxValue;

    /// <summary>The column after its last.</summary>
    public int Right { get; private set; }

    /// <summary>The row after its last.</summary>
    public int Bottom { get; private set; }

    /// <summary>How many pixels it has.</summary>
    public int Area { get; private set; }

    /// <summary>The sum of its levels.</summary>
    public double Mass { get; private set; }

    /// <summary>
    /// Whether it surrounds the paper or crosses it from edge to edge: a desk, a shadow of the lid, a ruled line.
    /// </summary>
    public bool IsSurround { get; private set; }

    /// <summary>Columns.</summary>
    public int Width => Right - Left;

    /// <summary>Rows.</summary>
    public int Height => Bottom - Top;

    /// <summary>The longer side of its box.</summary>
    public int Longest => Math.Max(Width, Height);

    /// <summary>All marks of a picture, the heaviest first.</summary>
    /// <param name="ink">The picture's ink.</param>
    /// <param name="labels">(height, width): the mark that each pixel belongs to; 0 is paper.</param>
    public static List<InkMark> Of(InkMap ink, out int[] labels)
    {
        (int width, int height) = (ink.Width, ink.Height);
        labels = new int[width * height];
        List<InkMark> marks = [];
        Stack<int> open = [];
        for (int start = 0; start < labels.Length; start++)
        {
            if (labels[start] != 0 || ink.Levels[start] <= ink.Threshold)
            {
                continue;
            }

            InkMark mark = new(marks.Count + 1);
            int atEdge = 0;
            labels[start] = mark.Label;
            open.Push(start);
            while (open.TryPop(out int pixel))
            {
                int x = pixel % width;
                int y = pixel / width;
                mark.Add(x, y, ink.Levels[pixel]);
                atEdge += x == 0 || y == 0 || x == width - 1 || y == height - 1 ? 1 : 0;
                for (int row = Math.Max(0, y - 1); row <= Math.Min(height - 1, y + 1); row++)
                {
                    for (int column = Math.Max(0, x - 1); column <= Math.Min(width - 1, x + 1); column++)
                    {
                        int neighbour = row * width + column;
                        if (labels[neighbour] == 0 && ink.Levels[neighbour] > ink.Threshold)
                        {
                            labels[neighbour] = mark.Label;
                            open.Push(neighbour);
                        }
                    }
                }
            }

            mark.IsSurround = atEdge > MostOfEdge * 2 * (width + height)
                || (mark.Left == 0 && mark.Right == width) || (mark.Top == 0 && mark.Bottom == height);
            marks.Add(mark);
        }

        marks.Sort((a, b) => b.Mass.CompareTo(a.Mass) is not 0 and var order ? order : a.Label.CompareTo(b.Label));
        return marks;
    }

    /// <summary>How far apart two marks' boxes are; 0 where they touch or overlap.</summary>
    /// <param name="other">The other mark.</param>
    public int DistanceTo(InkMark other) => Math.Max(
        Math.Max(0, Math.Max(Left, other.Left) - Math.Min(Right, other.Right)),
        Math.Max(0, Math.Max(Top, other.Top) - Math.Min(Bottom, other.Bottom)));

    private void Add(int x, int y, float level)
    {
        Left = Math.Min(Left, x);
        Top = Math.Min(Top, y);
        Right = Math.Max(Right, x + 1);
        Bottom = Math.Max(Bottom, y + 1);
        Area++;
        Mass += level;
    }
}
