
namespace GpuConvnet.Model.Digits;

/// <summary>
/// Digits that the program draws itself, so that it trains where there is no data and no network: several ways of
/// writing each digit, bent, slanted, jittered and inked at random, and framed as MNIST frames its digits. The same
/// seed gives the same bits on every platform.
/// </summary>
public static class BuiltinDigits
{
    /// <summary>The most digits that one array of pixels holds; a longer set is drawn digit by digit.</summary>
    public static readonly int MaximumCount = Array.MaxLength / Shape1989.InputUnits;

    /// <summary>Draws a set of digits.</summary>
    /// <param name="count">How many; 0 to <see cref="MaximumCount"/>.</param>
    /// <param name="seed">Which set. A longer set of the same seed starts with the same examples.</param>
    /// <returns>The examples: (count, 16, 16) pixels, background -1 and ink up to 1; labels about uniform.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is outside that range.</exception>
    public static Examples Draw(int count, uint seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaximumCount);
        float[] pixels = new float[count * Shape1989.InputUnits];
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = Draw(seed, i, pixels.AsSpan(i * Shape1989.InputUnits, Shape1989.InputUnits));
        }

        return new Examples(pixels, labels);
    }

    /// <summary>
    /// Draws one digit of a set; it depends on nothing but the two numbers, so any part of a set can be drawn alone or
    /// in parallel.
    /// </summary>
    /// <param name="seed">Which set.</param>
    /// <param name="index">Which example of it; zero or more.</param>
    /// <param name="image">(16, 16), row-major; receives values in [-1, 1].</param>
    /// <returns>The digit, 0 to 9.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative.</exception>
    /// <exception cref="ArgumentException"><paramref name="image"/> does not have 256 values.</exception>
    public static byte Draw(uint seed, int index, Span<float> image)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (image.Length != Shape1989.InputUnits)
        {
            throw new ArgumentException(
                $"An image has {Shape1989.InputUnits} values; there is room for {image.Length}.", nameof(image));
        }

        ExampleRandom random = new(seed, index);
        byte digit = (byte)(random.Next() * 10);
        DigitTemplate template = Choose(DigitTemplates.Of(digit), ref random);

        Span<PenPoint> room = stackalloc PenPoint[Handwriting.MaximumPathLength];
        Handwriting hand = new(ref random);
        Span<PenPoint> path = hand.Write(template, room);

        image.Clear();
        Ink.Draw(path, softness: random.Between(0.8f, 1.3f), image);
        Ink.Scan(ref random, grain: random.Between(0.01f, 0.06f), image);
        return digit;
    }

    private static DigitTemplate Choose(ReadOnlySpan<DigitTemplate> templates, ref ExampleRandom random)
    {
        float total = 0;
        foreach (DigitTemplate template in templates)
        {
            total += template.Weight;
        }

        float remaining = random.Next() * total;
        foreach (DigitTemplate template in templates)
        {
            remaining -= template.Weight;
            if (remaining < 0)
            {
                return template;
            }
        }

        return templates[^1];
    }
}
