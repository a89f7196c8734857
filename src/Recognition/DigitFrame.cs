using GpuConvnet.Recognition.Finding;

using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Recognition;

/// <summary>From a digit that was found to the 16x16 pixels that the network was trained on.</summary>
internal static class DigitFrame
{
    /// <summary>How many pixels a side stand for one while strokes are measured and moved.</summary>
    private const int Fine = 4;

    /// <summary>The longer side of a digit's box in MNIST.</summary>
    private const int MnistBox = 20;

    // Of 99 in a hundred digits of each set, the strokes are between these, by Strokes.Width.
    private static readonly (double Least, double Most) s_mnistStrokes = (1.5, 4.4);
    private static readonly (double Least, double Most) s_uspsStrokes = (1.3, 3.6);

    /// <summary>Frames a digit.</summary>
    /// <param name="digit">The digit.</param>
    /// <param name="framing">As which data set does.</param>
    /// <returns>(16, 16), -1 paper to 1 ink.</returns>
    public static float[] Of(FoundDigit digit, Framing framing)
    {
        if (framing == Framing.Usps)
        {
            float[] filled = Box(digit, InputSize, s_uspsStrokes);
            return [.. filled.Select(level => 2 * level - 1)];
        }

        byte[] image = Centred(Box(digit, MnistBox, s_mnistStrokes));
        float[] reduced = new float[InputUnits];
        MnistImage.Reduce(image, reduced);
        return reduced;
    }

    /// <summary>The digit, filling a square, with strokes as thick as those of a data set.</summary>
    private static float[] Box(FoundDigit digit, int box, (double Least, double Most) strokes)
    {
        int size = box * Fine;
        float[] fine = Fit(digit, size, size);
        double width = Strokes.Width(fine, size) / Fine;
        double change = Math.Clamp(width, strokes.Least, strokes.Most) - width;
        int radius = (int)Math.Round(change * Fine / 2);
        int beyond = Math.Max(0, -radius);
        if (radius != 0)
        {
            // Drawn smaller, or beyond the box, by as much as the edges are then moved: they end up where the box's are.
            fine = Strokes.Moved(Fit(digit, size - 2 * radius, size + 2 * beyond), size + 2 * beyond, radius);
        }

        double margin = -(double)beyond / Fine;
        return Darkened(Resampling.Draw(fine, size + 2 * beyond, size + 2 * beyond, 1.0 / Fine, margin, margin, box));
    }

    /// <summary>With full ink in the middle of the strokes, as both sets have it, where reducing left them pale.</summary>
    private static float[] Darkened(float[] box)
    {
        float[] inked = [.. box.Where(level => level > 0.3f).Order()];
        float full = inked.Length == 0 ? 1 : inked[inked.Length * 9 / 10];
        return [.. box.Select(level => Math.Clamp(level / full, 0, 1))];
    }

    /// <summary>The digit in the middle of a square.</summary>
    /// <param name="digit">The digit.</param>
    /// <param name="longest">What the longer side of its box becomes.</param>
    /// <param name="size">The square's.</param>
    private static float[] Fit(FoundDigit digit, int longest, int size)
    {
        double scale = (double)longest / Math.Max(digit.Width, digit.Height);

        // Whole pixels of the final image where they can be: a digit that has the right size stays as it is.
        double Margin(int side) => (size - longest) / 2 + Math.Floor((longest - side * scale) / (2 * Fine) + 1e-9) * Fine;
        return Resampling.Draw(
            digit.Ink, digit.Width, digit.Height, scale, Margin(digit.Width), Margin(digit.Height), size);
    }

    /// <summary>(20, 20) in 28x28, moved by whole pixels so that the centre of mass is as near as can be to the centre.</summary>
    private static byte[] Centred(float[] box)
    {
        double mass = 0;
        double down = 0;
        double across = 0;
        for (int i = 0; i < box.Length; i++)
        {
            mass += box[i];
            down += box[i] * (i / MnistBox);
            across += box[i] * (i % MnistBox);
        }

        const int Most = MnistImage.Size - MnistBox;
        int top = Math.Clamp((int)Math.Round(MnistImage.Size / 2 - down / mass), 0, Most);
        int left = Math.Clamp((int)Math.Round(MnistImage.Size / 2 - across / mass), 0, Most);
        byte[] image = new byte[MnistImage.Size * MnistImage.Size];
        for (int i = 0; i < box.Length; i++)
        {
            image[(top + i / MnistBox) * MnistImage.Size + left + i % MnistBox] = (byte)Math.Clamp(box[i] * 255 + 0.5f, 0, 255);
        }

        return image;
    }
}
