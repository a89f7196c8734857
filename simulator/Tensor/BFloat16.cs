namespace GpuConvnet.Simulator.Tensor;

/// <summary>Floats of sixteen bits, which are the upper halves of float32's.</summary>
internal static class BFloat16
{
    private const uint Infinity = 0x7F80_0000;
    private const uint Sign = 0x8000_0000;

    /// <summary>Two floats' bits, rounded to the nearest, ties to even: <c>cvt.rn.bf16x2.f32</c> of PTX.</summary>
    /// <param name="upper">Becomes the upper half.</param>
    /// <param name="lower">Becomes the lower half.</param>
    public static uint Pair(uint upper, uint lower) => Round(upper) << 16 | Round(lower);

    /// <summary>The bits of a float32 of the same value as a pair's lower half.</summary>
    public static uint Lower(uint pair) => pair << 16;

    /// <summary>The bits of a float32 of the same value as a pair's upper half.</summary>
    public static uint Upper(uint pair) => pair & 0xFFFF_0000;

    // What is no number is one number: PTX ISA, "cvt".
    private static uint Round(uint bits) =>
        (bits & ~Sign) > Infinity ? 0x7FFF : bits + 0x7FFF + (bits >> 16 & 1) >> 16;
}
