namespace GpuConvnet.Model.Layers;

/// <summary>The units along one axis whose window has a certain tap inside of the input.</summary>
/// <param name="First">The first of them.</param>
/// <param name="End">The one after the last.</param>
internal readonly record struct UnitRange(int First, int End)
{
    /// <summary>Those that read the input through a tap.</summary>
    public static UnitRange Reading(int tap, int inputs, int units, ConvolutionOptions options)
    {
        // 0 <= unit * stride + tap - padding < inputs
        int first = Math.Max(0, (options.Padding - tap + options.Stride - 1) / options.Stride);
        int beyond = inputs + options.Padding - tap;
        int end = beyond <= 0 ? 0 : Math.Min(units, (beyond - 1) / options.Stride + 1);
        return new UnitRange(first, Math.Max(first, end));
    }
}
