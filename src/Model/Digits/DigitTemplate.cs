
namespace GpuConvnet.Model.Digits;

/// <summary>One way of writing a digit: the strokes of the pen, in order, before any sloppiness.</summary>
/// <param name="Weight">How common this way is among those of the same digit; only ratios matter.</param>
/// <param name="Strokes">The control points of each stroke; at least two a stroke.</param>
internal sealed record DigitTemplate(float Weight, params ControlPoint[][] Strokes);
