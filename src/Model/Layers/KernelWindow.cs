namespace GpuConvnet.Model.Layers;

/// <summary>The part of a unit's window, along one axis, that lies inside of the input.</summary>
/// <param name="FirstTap">The first tap inside.</param>
/// <param name="Count">How many taps are inside.</param>
/// <param name="Start">The place in the input that the first of them reads.</param>
internal readonly record struct KernelWindow(int FirstTap, int Count, int Start)
{
    /// <summary>The windows of all units along an axis.</summary>
    public static KernelWindow[] Along(int inputs, int units, ConvolutionOptions options)
    {
        KernelWindow[] windows = new KernelWindow[units];
        for (int unit = 0; unit < units; unit++)
        {
            int start = unit * options.Stride - options.Padding;
            int first = Math.Clamp(-start, 0, options.Kernel);
            int end = Math.Clamp(inputs - start, first, options.Kernel);
            windows[unit] = new KernelWindow(first, end - first, start + first);
        }

        return windows;
    }

    /// <summary>Whether a tap is inside.</summary>
    public bool Has(int tap) => tap >= FirstTap && tap < FirstTap + Count;
}
