using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuConvnet.Model.Augmentation;

/// <summary>
/// How much images are turned, scaled and bent at most (Simard, Steinkraus and Platt, "Best Practices for Convolutional
/// Neural Networks", 2003). Everything is kept, drawn and computed in whole numbers, so that every processor and device
/// samples an image at the very same places.
/// </summary>
public readonly struct Distortion
{
    /// <summary>The largest rotation that may be asked for, in degrees.</summary>
    public const double MostRotate = 45;

    /// <summary>The largest change of size that may be asked for, as a fraction.</summary>
    public const double MostScale = 0.5;

    /// <summary>The largest elastic displacement that may be asked for, in pixels.</summary>
    public const double MostElastic = 4;

    /// <summary>A scale of 1 in <see cref="DrawScale"/>.</summary>
    internal const int ScaleOne = 1 << 12;

    private readonly int _angle;
    private readonly int _scale;
    private readonly int _elastic;

    /// <summary>Describes a distortion; of each of the three, 0 is none.</summary>
    /// <param name="rotate">Images are turned by up to so many degrees either way, uniformly; 0 to 45.</param>
    /// <param name="scale">Their size becomes 1 ± up to this fraction, uniformly; 0 to 0.5.</param>
    /// <param name="elastic">
    /// The standard deviation, in pixels, of an elastic displacement in x and in y; 0 to 4. It is a cubic B-spline through
    /// 7x7 random control points, 4 pixels apart.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is outside its range.</exception>
    public Distortion(double rotate, double scale, double elastic)
    {
        // The other way round: what is no number is neither below nor above anything.
        if (!(rotate is >= 0 and <= MostRotate))
        {
            throw new ArgumentOutOfRangeException(nameof(rotate), rotate, $"Expected 0 to {MostRotate} degrees.");
        }

        if (!(scale is >= 0 and <= MostScale))
        {
            throw new ArgumentOutOfRangeException(nameof(scale), scale, $"Expected a fraction from 0 to {MostScale}.");
        }

        if (!(elastic is >= 0 and <= MostElastic))
        {
            throw new ArgumentOutOfRangeException(nameof(elastic), elastic, $"Expected 0 to {MostElastic} pixels.");
        }

        _angle = (int)Math.Round(rotate * Math.PI / 180 * AffineMap.AngleOne);
        _scale = (int)Math.Round(scale * ScaleOne);
        _elastic = (int)Math.Round(elastic * ElasticGrid.UnitsPerPixel / (1 << ElasticGrid.AmplitudeBits));
    }

    /// <summary>Whether images stay as they are.</summary>
    public bool IsNone => (_angle | _scale | _elastic) == 0;

    /// <summary>Whether images are bent, and not only turned and scaled.</summary>
    internal bool Bends => _elastic != 0;

    /// <summary>The angle that 32 random bits mean, in units of 2^-24; positive is counter-clockwise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int DrawAngle(uint bits) => (int)(((long)(int)bits * _angle) >> 31);

    /// <summary>The size that 32 random bits mean, in units of 2^-12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int DrawScale(uint bits) => ScaleOne + (int)(((long)(int)bits * _scale) >> 31);

    /// <summary>A control point's displacement in x: the upper half of 32 random bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int DrawDisplacementX(uint bits) => ((int)bits >> 16) * _elastic >> ElasticGrid.DrawShift;

    /// <summary>The displacements in x of sixteen control points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector512<int> DrawDisplacementsX(Vector512<uint> bits) =>
        (bits.AsInt32() >> 16) * _elastic >> ElasticGrid.DrawShift;

    /// <summary>The displacements in y of sixteen control points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector512<int> DrawDisplacementsY(Vector512<uint> bits) =>
        ((bits << 16).AsInt32() >> 16) * _elastic >> ElasticGrid.DrawShift;

    /// <summary>A control point's displacement in y: the lower half of 32 random bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int DrawDisplacementY(uint bits) => ((int)(bits << 16) >> 16) * _elastic >> ElasticGrid.DrawShift;
}
