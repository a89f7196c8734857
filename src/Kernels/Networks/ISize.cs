namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// A whole number as a type: what is generic over it is compiled for that very number, which then is a constant.
/// <see cref="SizeTypes"/> finds the type of a number.
/// </summary>
internal interface ISize
{
    /// <summary>The number, 0 or more.</summary>
    static abstract int Value { get; }
}
