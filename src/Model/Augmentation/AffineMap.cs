using System.Runtime.CompilerServices;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Augmentation;

/// <summary>
/// From a pixel of a turned and scaled image to the place in the original that it shows. Places are whole numbers, in
/// units of 2^-14 of a pixel; (0, 0) is the middle of the first pixel.
/// </summary>
internal readonly struct AffineMap
{
    /// <summary>The bits of a place below a pixel.</summary>
    public const int PlaceBits = 14;

    /// <summary>A pixel, in the unit of places.</summary>
    public const int Pixel = 1 << PlaceBits;

    /// <summary>An angle of one radian.</summary>
    internal const int AngleOne = 1 << AngleBits;

    /// <summary>How far a coefficient, for half a pixel, lies above the unit of places.</summary>
    internal const int CoefficientShift = 6;

    /// <summary>The middle of the image, around which it is turned and scaled: 7.5 pixels.</summary>
    internal const int Middle = (InputSize - 1) * Pixel / 2;

    private const int AngleBits = 24;

    /// <summary>The map of an image that is turned and scaled.</summary>
    /// <param name="angle">By how much, in radians of 2^-24, counter-clockwise; up to a quarter of pi either way.</param>
    /// <param name="scale">Its size in units of 2^-12: more than 4,096 is larger than the original.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal AffineMap(int angle, int scale)
    {
        // Taylor's series: within 2^-21 of sine and cosine up to 45 degrees.
        int square = Times(angle, angle);
        int sine = Times(angle, AngleOne - Times(square, AngleOne / 6
            - Times(square, AngleOne / 120 - Times(square, AngleOne / 5040))));
        int cosine = AngleOne - Times(square, AngleOne / 2
            - Times(square, AngleOne / 24 - Times(square, AngleOne / 720 - Times(square, AngleOne / 40320))));

        // A larger image samples the original in smaller steps; 2^31 / 2^12 leaves units of 2^-19.
        int step = (int)((1u << 31) / (uint)scale);
        Cosine = Times(cosine, step);
        Sine = Times(sine, step);
    }

    /// <summary>How far x moves in the original for a column, and y for a row; 2^19 for a pixel.</summary>
    internal int Cosine { get; }

    /// <summary>How far y moves in the original for a column, and -x for a row.</summary>
    internal int Sine { get; }

    /// <summary>The x that a pixel shows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int X(int row, int column) =>
        ((Cosine * FromMiddle(column) - Sine * FromMiddle(row)) >> CoefficientShift) + Middle;

    /// <summary>The y that a pixel shows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Y(int row, int column) =>
        ((Sine * FromMiddle(column) + Cosine * FromMiddle(row)) >> CoefficientShift) + Middle;

    /// <summary>
    /// The nearest place to a coordinate that a pixel of the image has a part in, or just none: beyond, all is background.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Clamp(int place)
    {
        int least = place < -Pixel ? -Pixel : place;
        return least > InputSize * Pixel ? InputSize * Pixel : least;
    }

    /// <summary>A row's or column's distance from the image's middle, in half pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int FromMiddle(int index) => 2 * index - (InputSize - 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Times(int a, int b) => (int)(((long)a * b) >> AngleBits);
}
