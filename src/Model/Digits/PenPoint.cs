namespace GpuConvnet.Model.Digits;

/// <summary>Where the pen is, how wide it writes there, and whether it writes on its way there.</summary>
/// <param name="X">In pixels of the image, or in template units before it is fitted.</param>
/// <param name="Y">Likewise, downwards.</param>
/// <param name="Radius">Half the line's width, in pixels.</param>
/// <param name="IsDown">Whether the pen draws a line from the point before to this one.</param>
internal readonly record struct PenPoint(float X, float Y, float Radius, bool IsDown);
