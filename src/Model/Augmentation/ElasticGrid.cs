using System.Runtime.CompilerServices;

namespace GpuConvnet.Model.Augmentation;

/// <summary>
/// The elastic displacement of an image: independent random displacements at 7x7 control points four pixels apart, between
/// which a cubic B-spline runs, 16 of them for each pixel.
/// </summary>
/// <remarks>
/// Simard et al. draw a displacement for each pixel and smooth the field by a Gaussian. A cubic B-spline is nearly one: with
/// knots four pixels apart its standard deviation is 4 / sqrt(3) = 2.3 pixels, where Simard's 4 pixels of 29 are 2.2 of 16.
/// So the grid gives the same field for 98 random numbers and 8 taps per pixel instead of 512 and hundreds.
/// The spline is evaluated in whole numbers, first down, then across; every shift rounds alike everywhere.
/// </remarks>
internal static class ElasticGrid
{
    /// <summary>Pixels from one control point to the next.</summary>
    public const int Spacing = 4;

    /// <summary>Control points in a row, and rows of them: a pixel's four are its cell's first and the next three.</summary>
    public const int Points = Shape1989.InputSize / Spacing + 3;

    /// <summary>What a sum down the grid is shifted by before the sum across.</summary>
    public const int DownShift = 12;

    /// <summary>What a sum across is shifted by to become a displacement in the unit of <see cref="AffineMap"/>.</summary>
    public const int AcrossShift = 12;

    /// <summary>The bits of a control point below an amplitude's unit.</summary>
    internal const int AmplitudeBits = 4;

    /// <summary>From 16 random bits times an amplitude to a control point.</summary>
    internal const int DrawShift = 15 - AmplitudeBits;

    /// <summary>The sum of a pixel's four weights: 6 * 8^3.</summary>
    private const int WeightSum = 3072;

    /// <summary>
    /// The mean, over a cell's pixels, of the sum of a pixel's squared weights: the variance that the spline leaves in each
    /// of the two directions. In the two it leaves the square, so that a standard deviation shrinks by this factor.
    /// </summary>
    private const double Kept = (4_655_284.0 + 4_391_892.0) / 2 / (WeightSum * (double)WeightSum);

    /// <summary>
    /// The range, either way, of a control point that displaces pixels with a standard deviation of one pixel:
    /// sqrt(3) standard deviations, for it is uniform.
    /// </summary>
    internal const double UnitsPerPixel =
        1.7320508075688772 / Kept * AffineMap.Pixel * (1 << DownShift) / WeightSum * (1 << AcrossShift) / WeightSum;

    /// <summary>A cubic B-spline's weight of one of a pixel's four control points, in units of 1/3072.</summary>
    /// <param name="phase">The pixel's place in its cell, 0 to 3: its middle is (2 * phase + 1) eighths into it.</param>
    /// <param name="point">Which control point, 0 to 3.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Weight(int phase, int point)
    {
        int t = 2 * phase + 1;
        int u = 8 - t;
        return point == 0 ? u * u * u
            : point == 1 ? 3 * t * t * t - 48 * t * t + 2048
            : point == 2 ? 3 * u * u * u - 48 * u * u + 2048
            : t * t * t;
    }
}
