namespace GpuConvnet.Model.Layers;

/// <summary>
/// The taps along one axis through which units read a certain place of the input: from the first one, a stride apart. The
/// first is the tap of a unit, the next that of the unit before it.
/// </summary>
/// <param name="First">The first tap.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Unit">The unit that reads through the first.</param>
internal readonly record struct TapRange(int First, int Count, int Unit)
{
    /// <summary>Those that read a place.</summary>
    public static TapRange Reading(int place, int units, ConvolutionOptions options)
    {
        // tap = place + padding - unit * stride, within the kernel.
        int padded = place + options.Padding;
        int unit = Math.Min(units - 1, padded / options.Stride);
        int first = padded - unit * options.Stride;
        int count = first >= options.Kernel ? 0 : Math.Min((options.Kernel - 1 - first) / options.Stride, unit) + 1;
        return new TapRange(first, count, unit);
    }
}
