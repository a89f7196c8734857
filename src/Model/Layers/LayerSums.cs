using System.Numerics;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>Sums over the examples: what makes a weight's gradient of many deltas.</summary>
internal static unsafe class LayerSums
{
    /// <summary>Adds the sum over the examples of each number to a weight.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="count">How many.</param>
    /// <param name="weights">As many weights.</param>
    public static void Add<TReal, TWeight>(TReal* values, int count, TWeight* weights)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int i = 0;
        for (; i + 4 <= count; i += 4)
        {
            TReal.AddSums(values[i], values[i + 1], values[i + 2], values[i + 3], weights + i, 1);
        }

        for (; i < count; i++)
        {
            weights[i] += TReal.Sum(values[i]);
        }
    }
}
