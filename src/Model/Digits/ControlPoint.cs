namespace GpuConvnet.Model.Digits;

/// <summary>
/// A point that a stroke's curve passes through, on a grid of 100 by 100 with y pointing down.
/// </summary>
/// <param name="X">From left to right, about 0 to 100.</param>
/// <param name="Y">From top to bottom, about 0 to 100.</param>
/// <param name="IsCorner">Whether the pen turns sharply here instead of rounding the point.</param>
internal readonly record struct ControlPoint(float X, float Y, bool IsCorner = false)
{
    /// <summary>A point where the pen turns sharply.</summary>
    public static ControlPoint Corner(float x, float y) => new(x, y, IsCorner: true);

    /// <summary>A point that the pen rounds: lets a template be written as a list of pairs.</summary>
    public static implicit operator ControlPoint((float X, float Y) point) => new(point.X, point.Y);
}
