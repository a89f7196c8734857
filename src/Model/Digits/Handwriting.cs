namespace GpuConvnet.Model.Digits;

/// <summary>
/// One hand on one occasion: how carelessly it writes, how it leans and bends the page, how hard it presses. Turns a
/// template into the path of a pen on the 16x16 image.
/// </summary>
/// <remarks>
/// Adding, multiplying, dividing and square roots only: they are rounded alike everywhere, sines are not.
/// </remarks>
internal ref struct Handwriting
{
    /// <summary>The most points a path can have.</summary>
    public const int MaximumPathLength = 160;

    /// <summary>The most control points a stroke can have.</summary>
    public const int MaximumControlPoints = 24;

    /// <summary>How many straight pieces make the curve from one control point to the next.</summary>
    public const int StepsBetweenControlPoints = 5;

    // MNIST fits a digit's box into 20 of the frame's 28 pixels and centres its mass: so do we.
    private const float BoxSize = 16f * 20 / 28;
    private const float Middle = 7.5f;

    private readonly float _sloppiness;
    private readonly float _roundness;
    private readonly float _slant;
    private readonly float _cosine;
    private readonly float _sine;
    private readonly float _aspect;
    private readonly float _bendX;
    private readonly float _bendY;
    private readonly float _taperX;
    private readonly float _taperY;
    private readonly float _skewX;
    private readonly float _skewY;
    private readonly float _radius;
    private readonly float _pressureVariation;
    private ref ExampleRandom _random;

    /// <summary>Draws a hand at random.</summary>
    /// <param name="random">The example's numbers, which the hand goes on using.</param>
    public Handwriting(ref ExampleRandom random)
    {
        _random = ref random;

        // Most hands are tidy and a few are not: those few make most of the ambiguous digits.
        float careless = random.Next();
        _sloppiness = 0.55f + 1.12f * careless * careless * careless;
        _roundness = 0.5f + random.Bell(0.07f);
        _slant = 0.18f + random.Bell(0.27f);

        // A rotation from the tangent of half its angle, which needs no sine.
        float halfTangent = random.Bell(0.06f) * _sloppiness;
        float square = halfTangent * halfTangent;
        _cosine = (1 - square) / (1 + square);
        _sine = 2 * halfTangent / (1 + square);

        _aspect = 0.94f + random.Bell(0.16f);
        _bendX = random.Bell(0.11f) * _sloppiness;
        _bendY = random.Bell(0.08f) * _sloppiness;
        _taperX = random.Bell(0.14f) * _sloppiness;
        _taperY = random.Bell(0.10f) * _sloppiness;
        _skewX = random.Bell(0.08f) * _sloppiness;
        _skewY = random.Bell(0.13f) * _sloppiness;

        float pen = random.Next();
        _radius = 0.50f + 0.32f * pen + 0.26f * pen * pen + random.Bell(0.04f);
        _pressureVariation = random.Between(0.04f, 0.18f);
    }

    /// <summary>Writes a digit.</summary>
    /// <param name="template">The way of writing it.</param>
    /// <param name="path">Room for <see cref="MaximumPathLength"/> points.</param>
    /// <returns>The part of <paramref name="path"/> that was written, in pixels.</returns>
    public Span<PenPoint> Write(DigitTemplate template, Span<PenPoint> path)
    {
        int length = 0;
        foreach (ControlPoint[] stroke in template.Strokes)
        {
            length = WriteStroke(stroke, path, length);
        }

        path = path[..length];
        FitIntoFrame(path);
        LiftPenBriefly(path);
        return path;
    }

    private int WriteStroke(ControlPoint[] stroke, Span<PenPoint> path, int length)
    {
        Span<Knot> knots = stackalloc Knot[MaximumControlPoints];
        knots = knots[..stroke.Length];

        // A whole stroke is misplaced against the others: a bar that misses its stem, a top that floats.
        float shiftX = _random.Bell(0.045f) * _sloppiness;
        float shiftY = _random.Bell(0.045f) * _sloppiness;
        float pressure = 1 + _random.Bell(0.06f);
        for (int i = 0; i < knots.Length; i++)
        {
            // Where a stroke starts and ends is less certain than where it passes: loops stay open, tails run long.
            bool isEnd = i == 0 || i == knots.Length - 1;
            float jitter = (isEnd ? 0.13f : 0.075f) * _sloppiness;
            float x = (stroke[i].X - 50) * (1f / 50) + shiftX + _random.Bell(jitter);
            float y = (stroke[i].Y - 50) * (1f / 50) + shiftY + _random.Bell(jitter);
            knots[i] = Distort(x, y, pressure * (1 + _random.Bell(_pressureVariation)), stroke[i].IsCorner);
        }

        path[length++] = new PenPoint(knots[0].X, knots[0].Y, knots[0].Pressure * _radius, IsDown: false);
        for (int i = 1; i < knots.Length; i++)
        {
            Knot from = knots[i - 1];
            Knot to = knots[i];

            // Catmull-Rom (a cardinal spline, when a hand is rounder or more angular), whose tangents are one-sided
            // at corners and at the ends.
            Knot before = i == 1 || from.IsCorner ? from : knots[i - 2];
            Knot after = i == knots.Length - 1 || to.IsCorner ? to : knots[i + 1];
            for (int step = 1; step <= StepsBetweenControlPoints; step++)
            {
                float t = (float)step / StepsBetweenControlPoints;
                path[length++] = Between(before, from, to, after, t);
            }
        }

        return length;
    }

    /// <summary>The page's smooth distortion of a point in [-1, 1] by [-1, 1], then slant, aspect, rotation.</summary>
    private readonly Knot Distort(float x, float y, float pressure, bool isCorner)
    {
        float bentX = x + _bendX * y * y + _taperX * x * y + _skewX * x * x;
        float bentY = y + _bendY * x * x + _taperY * x * y + _skewY * y * y;
        float slantedX = (bentX - _slant * bentY) * _aspect;
        return new Knot(
            _cosine * slantedX - _sine * bentY,
            _sine * slantedX + _cosine * bentY,
            pressure,
            isCorner);
    }

    private readonly PenPoint Between(in Knot before, in Knot from, in Knot to, in Knot after, float t)
    {
        float u = 1 - t;
        float atFrom = u * u * (1 + 2 * t);
        float atTo = t * t * (3 - 2 * t);
        float leaving = _roundness * t * u * u;
        float arriving = -_roundness * t * t * u;
        float x = atFrom * from.X + atTo * to.X + leaving * (to.X - before.X) + arriving * (after.X - from.X);
        float y = atFrom * from.Y + atTo * to.Y + leaving * (to.Y - before.Y) + arriving * (after.Y - from.Y);
        return new PenPoint(x, y, (atFrom * from.Pressure + atTo * to.Pressure) * _radius, IsDown: true);
    }

    private void FitIntoFrame(Span<PenPoint> path)
    {
        float left = float.MaxValue, top = float.MaxValue, right = float.MinValue, bottom = float.MinValue;
        foreach (PenPoint point in path)
        {
            left = Math.Min(left, point.X);
            right = Math.Max(right, point.X);
            top = Math.Min(top, point.Y);
            bottom = Math.Max(bottom, point.Y);
        }

        float extent = Math.Max(right - left, bottom - top);
        float scale = (BoxSize - 2 * _radius) * (0.97f + _random.Bell(0.05f)) / extent;

        float mass = 0, massX = 0, massY = 0;
        for (int i = 1; i < path.Length; i++)
        {
            if (path[i].IsDown)
            {
                float dx = path[i].X - path[i - 1].X;
                float dy = path[i].Y - path[i - 1].Y;
                float ink = MathF.Sqrt(dx * dx + dy * dy) * (path[i].Radius + path[i - 1].Radius);
                mass += ink;
                massX += ink * (path[i].X + path[i - 1].X) * 0.5f;
                massY += ink * (path[i].Y + path[i - 1].Y) * 0.5f;
            }
        }

        float originX = Middle - massX / mass * scale + _random.Bell(0.3f);
        float originY = Middle - massY / mass * scale + _random.Bell(0.3f);
        foreach (ref PenPoint point in path)
        {
            point = point with { X = originX + point.X * scale, Y = originY + point.Y * scale };
        }
    }

    /// <summary>Now and then the ink runs out for a moment.</summary>
    private void LiftPenBriefly(Span<PenPoint> path)
    {
        if (_random.Next() < 0.06f * _sloppiness)
        {
            int start = 1 + (int)(_random.Next() * (path.Length - 1));
            int end = Math.Min(path.Length, start + 1 + (int)(_random.Next() * 3));
            for (int i = start; i < end; i++)
            {
                path[i] = path[i] with { IsDown = false };
            }
        }
    }

    private readonly record struct Knot(float X, float Y, float Pressure, bool IsCorner);
}
