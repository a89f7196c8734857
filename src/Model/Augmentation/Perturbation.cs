using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Randomness;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Augmentation;

/// <summary>
/// What randomness a training step adds: images rolled by a pixel, turned, scaled and bent, and dropout before H3. A value that
/// both the host and the kernels ask for the numbers of one example; the same seed, step and example get the same ones
/// everywhere.
/// </summary>
public readonly struct Perturbation
{
    /// <summary>Addresses of images' shifts; dropout's are 0 to 47, four units each.</summary>
    private const uint ShiftAddress = 1u << 16;

    /// <summary>Addresses of images' rotation and scale.</summary>
    private const uint MapAddress = 2u << 16;

    /// <summary>Addresses of elastic displacements: two per row of control points.</summary>
    private const uint ControlPointAddress = 3u << 16;

    /// <summary>The most units that the layers of a network may drop: the addresses of their bits end there.</summary>
    internal const int MostDroppedUnits = 4 * (1 << 16);

    private readonly uint _seed;
    private readonly uint _step;
    private readonly uint _dropThreshold;

    /// <summary>Describes one step's perturbation.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The step, from 0: every step draws anew.</param>
    /// <param name="maximumShift">The most that an image is rolled in x and y, in pixels; 0 leaves images alone.</param>
    /// <param name="dropout">The probability, in [0, 1), of dropping a unit of H2 on its way to H3.</param>
    /// <param name="distortion">How rolled images are turned, scaled and bent; by default they are not.</param>
    /// <exception cref="ArgumentOutOfRangeException">The shift is below 0, or the dropout is no probability below 1.</exception>
    public Perturbation(uint seed, uint step, int maximumShift, float dropout, Distortion distortion = default)
        : this(distortion, seed, step, maximumShift, dropout)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maximumShift);
        if (!(dropout is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "Expected a probability from 0 to below 1.");
        }
    }

    // The same unchecked: kernels begin with None, and they cannot throw.
    private Perturbation(Distortion distortion, uint seed, uint step, int maximumShift, float dropout)
    {
        _seed = seed;
        _step = step;
        MaximumShift = maximumShift;
        Distortion = distortion;
        _dropThreshold = (uint)(dropout * 4294967296.0);
        KeptScale = 1f / (1f - dropout);
    }

    private Perturbation(in Perturbation perturbation, int maximumShift)
    {
        this = perturbation;
        MaximumShift = maximumShift;
        Distortion = default;
    }

    private Perturbation(in Perturbation perturbation, uint seed, uint step)
    {
        this = perturbation;
        _seed = seed;
        _step = step;
    }

    /// <summary>No perturbation: evaluation, and training without any.</summary>
    public static Perturbation None => new(distortion: default, 0, 0, 0, 0f);

    /// <summary>The most that an image is rolled in x and y, in pixels.</summary>
    public int MaximumShift { get; }

    /// <summary>How images, once rolled, are turned, scaled and bent.</summary>
    public Distortion Distortion { get; }

    /// <summary>Whether images are turned, scaled or bent: whether more happens to them than a roll.</summary>
    public bool Distorts => !Distortion.IsNone;

    /// <summary>The same perturbation for units, and none for images: for those who got images that have had theirs.</summary>
    internal Perturbation OfUnits => new(this, maximumShift: 0);

    /// <summary>The same perturbation with images that are rolled alone, not turned, scaled or bent.</summary>
    internal Perturbation Undistorted => new(this, MaximumShift);

    /// <summary>
    /// The same kind of perturbation, drawn for another run and step: a kernel that takes many steps goes from one to the next.
    /// </summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The step, from 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Perturbation At(uint seed, uint step) => new(this, seed, step);

    /// <summary>The same, drawn for another step of the run.</summary>
    /// <param name="step">The step, from 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Perturbation At(uint step) => new(this, _seed, step);

    /// <summary>The step that it is drawn for, from 0.</summary>
    internal int Step => (int)_step;

    /// <summary>What a kept unit is multiplied with, 1/(1 - dropout), so that expected sums stay the same.</summary>
    internal float KeptScale { get; }

    /// <summary>Whether units are dropped.</summary>
    public bool Drops => _dropThreshold != 0;

    /// <summary>How an example's image is rolled.</summary>
    /// <param name="example">The example's place in the training set.</param>
    /// <param name="rows">Down by this many pixels, -MaximumShift to MaximumShift.</param>
    /// <param name="columns">Right by this many pixels, likewise.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Shift(int example, out int rows, out int columns)
    {
        if (MaximumShift == 0)
        {
            rows = 0;
            columns = 0;
            return;
        }

        Philox bits = Philox.At(ShiftAddress, (uint)example, _step, 0, _seed, 0);
        uint choices = (uint)(2 * MaximumShift + 1);
        rows = (int)(bits.Word0 % choices) - MaximumShift;
        columns = (int)(bits.Word1 % choices) - MaximumShift;
    }

    /// <summary>How an example's image is turned and scaled.</summary>
    /// <param name="example">The example's place in the training set.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal AffineMap Map(int example)
    {
        Philox bits = Philox.At(MapAddress, (uint)example, _step, 0, _seed, 0);
        return new AffineMap(Distortion.DrawAngle(bits.Word0), Distortion.DrawScale(bits.Word1));
    }

    /// <summary>
    /// The displacements of four neighbouring control points of an example's <see cref="ElasticGrid"/>; of the second four
    /// of a row the last is beyond the grid.
    /// </summary>
    /// <param name="example">The example's place in the training set.</param>
    /// <param name="row">The row of control points, 0 to 6.</param>
    /// <param name="half">0 for the row's points 0 to 3, 1 for 4 to 7.</param>
    /// <param name="x0">Of the first, to the right.</param>
    /// <param name="y0">Of the first, down.</param>
    /// <param name="x1">Of the second, to the right.</param>
    /// <param name="y1">Of the second, down.</param>
    /// <param name="x2">Of the third, to the right.</param>
    /// <param name="y2">Of the third, down.</param>
    /// <param name="x3">Of the last, to the right.</param>
    /// <param name="y3">Of the last, down.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ControlPoints(
        int example,
        int row,
        int half,
        out int x0,
        out int y0,
        out int x1,
        out int y1,
        out int x2,
        out int y2,
        out int x3,
        out int y3)
    {
        Philox bits = Philox.At(ControlPointAddress + (uint)(2 * row + half), (uint)example, _step, 0, _seed, 0);
        x0 = Distortion.DrawDisplacementX(bits.Word0);
        y0 = Distortion.DrawDisplacementY(bits.Word0);
        x1 = Distortion.DrawDisplacementX(bits.Word1);
        y1 = Distortion.DrawDisplacementY(bits.Word1);
        x2 = Distortion.DrawDisplacementX(bits.Word2);
        y2 = Distortion.DrawDisplacementY(bits.Word2);
        x3 = Distortion.DrawDisplacementX(bits.Word3);
        y3 = Distortion.DrawDisplacementY(bits.Word3);
    }

    /// <summary>
    /// The random bits of all control points of an example: the lane 2 * row + half has those of
    /// <see cref="ControlPoints"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PhiloxWide ControlPointBits(int example) =>
        PhiloxWide.At(
            Vector512<uint>.Indices + Vector512.Create(ControlPointAddress), Vector512.Create((uint)example), _step, 0, _seed, 0);

    /// <summary>
    /// The factors, 0 or <see cref="KeptScale"/>, of four neighbouring units of H2: one row of a map.
    /// </summary>
    /// <param name="example">The example's place in the training set.</param>
    /// <param name="unitRow">The row: map * 4 + row of the map, 0 to 47.</param>
    /// <param name="factor0">The factor of the row's first unit.</param>
    /// <param name="factor1">The factor of its second unit.</param>
    /// <param name="factor2">The factor of its third unit.</param>
    /// <param name="factor3">The factor of its last unit.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void KeepFactors(
        int example, int unitRow, out float factor0, out float factor1, out float factor2, out float factor3)
    {
        Philox bits = Philox.At((uint)unitRow, (uint)example, _step, 0, _seed, 0);
        factor0 = bits.Word0 >= _dropThreshold ? KeptScale : 0f;
        factor1 = bits.Word1 >= _dropThreshold ? KeptScale : 0f;
        factor2 = bits.Word2 >= _dropThreshold ? KeptScale : 0f;
        factor3 = bits.Word3 >= _dropThreshold ? KeptScale : 0f;
    }

    /// <summary>
    /// The bits of four neighbouring units of any layer that drops some: whose word is below the layer's threshold is dropped.
    /// </summary>
    /// <param name="example">The example's place in the training set.</param>
    /// <param name="units">Which four: those of a network count from 0 to <see cref="MostDroppedUnits"/> / 4 - 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Philox DropBits(int example, int units) => Philox.At((uint)units, (uint)example, _step, 0, _seed, 0);

    /// <summary>The same of sixteen examples, a lane each.</summary>
    /// <param name="firstExample">The first one's place in the training set; the others follow it.</param>
    /// <param name="units">Which four units.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PhiloxWide DropBitsOfLanes(int firstExample, int units) => PhiloxWide.At(
        Vector512.Create((uint)units), Vector512<uint>.Indices + Vector512.Create((uint)firstExample), _step, 0, _seed, 0);

    /// <summary>The factors of sixteen rows of four units at once: what the other overload gives for each.</summary>
    /// <param name="example">The example's place in the training set.</param>
    /// <param name="unitRows">The rows.</param>
    /// <param name="factors0">The factor of each row's first unit.</param>
    /// <param name="factors1">The factor of its second unit.</param>
    /// <param name="factors2">The factor of its third unit.</param>
    /// <param name="factors3">The factor of its last unit.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void KeepFactors(
        int example, Vector512<uint> unitRows, out Vector512<float> factors0, out Vector512<float> factors1,
        out Vector512<float> factors2, out Vector512<float> factors3)
    {
        PhiloxWide bits = PhiloxWide.At(unitRows, Vector512.Create((uint)example), _step, 0, _seed, 0);
        Vector512<uint> threshold = Vector512.Create(_dropThreshold);
        Vector512<float> scale = Vector512.Create(KeptScale);
        factors0 = Vector512.GreaterThanOrEqual(bits.Word0, threshold).AsSingle() & scale;
        factors1 = Vector512.GreaterThanOrEqual(bits.Word1, threshold).AsSingle() & scale;
        factors2 = Vector512.GreaterThanOrEqual(bits.Word2, threshold).AsSingle() & scale;
        factors3 = Vector512.GreaterThanOrEqual(bits.Word3, threshold).AsSingle() & scale;
    }

    /// <summary>Rolls an image, as <c>torch.roll</c> does: what leaves on one side enters on the other.</summary>
    /// <param name="image">(16, 16).</param>
    /// <param name="rolled">(16, 16).</param>
    /// <param name="rows">Down by this many pixels.</param>
    /// <param name="columns">Right by this many pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Roll(ReadOnlySpan<float> image, Span<float> rolled, int rows, int columns)
    {
        // A row is one vector of sixteen, and rolling it sideways a permutation of its lanes.
        Vector512<int> lanes = (Vector512<int>.Indices - Vector512.Create(columns)) & Vector512.Create(InputSize - 1);
        for (int row = 0; row < InputSize; row++)
        {
            int source = ((row - rows) & (InputSize - 1)) * InputSize;
            Vector512.Shuffle(Vector512.Create(image.Slice(source, InputSize)), lanes)
                .CopyTo(rolled.Slice(row * InputSize, InputSize));
        }
    }
}
