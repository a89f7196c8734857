using GpuConvnet.Recognition.Images;

namespace GpuConvnet.Trainer.Setup.Data.Pixels;

/// <summary>
/// From a picture to what MNIST's images are, 0 for paper to 255 for ink. What is paper is told by the picture's edge; it becomes
/// 0 also where it is grey.
/// </summary>
internal static class PictureLevels
{
    private const int LeastSide = 8;
    private const int LeastInk = 64;

    /// <summary>Paper this near to black or white is what it is: a picture of MNIST's stays as it is to the bit.</summary>
    private const int AlmostEnd = 16;

    /// <summary>Converts a picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <returns>(height, width), 0 paper to 255 ink; and whether its paper was the lighter.</returns>
    /// <exception cref="BadInputException">It is too small, or empty.</exception>
    public static (byte[] Ink, bool IsTurned) Of(GreyImage picture, string path)
    {
        if (picture.Width < LeastSide || picture.Height < LeastSide)
        {
            throw new BadInputException(
                $"{path} has {picture.Width}x{picture.Height} pixels; a digit needs {LeastSide} a side at least. Move it out of the folder.");
        }

        int paper = PaperOf(picture);
        bool isTurned = paper > byte.MaxValue / 2;
        int end = isTurned ? byte.MaxValue : 0;
        int from = Math.Abs(paper - end) <= AlmostEnd ? end : paper;
        int range = isTurned ? from : byte.MaxValue - from;
        byte[] ink = new byte[picture.Pixels.Length];
        for (int index = 0; index < ink.Length; index++)
        {
            int stands = isTurned ? from - picture.Pixels[index] : picture.Pixels[index] - from;
            ink[index] = (byte)Math.Clamp(stands * byte.MaxValue / range, 0, byte.MaxValue);
        }

        return ink.Any(level => level >= LeastInk)
            ? (ink, isTurned)
            : throw new BadInputException($"{path} shows nothing that stands out from its paper. Move it out of the folder.");
    }

    /// <summary>The median of the edge.</summary>
    private static int PaperOf(GreyImage picture)
    {
        List<byte> edge = [];
        edge.AddRange(picture.Pixels.AsSpan(0, picture.Width));
        edge.AddRange(picture.Pixels.AsSpan((picture.Height - 1) * picture.Width));
        for (int row = 1; row < picture.Height - 1; row++)
        {
            edge.Add(picture.Pixels[row * picture.Width]);
            edge.Add(picture.Pixels[(row + 1) * picture.Width - 1]);
        }

        edge.Sort();
        return edge[edge.Count / 2];
    }
}
