using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>Wherever kernels read parameters: in their order, and where there are fused kernels in float4s too.</summary>
internal readonly struct ParameterPlaces
{
    /// <summary>All parameters, in their order.</summary>
    public required ArrayView<float> Values { get; init; }

    /// <summary>The values of the float4s that the fused kernels read; empty where none do.</summary>
    public required ArrayView<float> Packed { get; init; }

    /// <summary>(parameters, 2): where each is among these, and where it is once more, or -1; empty where none are.</summary>
    public required ArrayView<int> Places { get; init; }

    /// <summary>Sets a parameter.</summary>
    /// <param name="parameter">Which.</param>
    /// <param name="value">Its value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int parameter, float value)
    {
        Values[parameter] = value;
        if (Places.IntLength > 0)
        {
            Packed[Places[2 * parameter]] = value;
            int back = Places[2 * parameter + 1];
            if (back >= 0)
            {
                Packed[back] = value;
            }
        }
    }
}
