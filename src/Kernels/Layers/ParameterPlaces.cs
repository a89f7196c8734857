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
        Set(parameter, CopiesOf(parameter), value);
    }

    /// <summary>Where a parameter is besides <see cref="Values"/>.</summary>
    /// <param name="parameter">Which.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ParameterCopies CopiesOf(int parameter) => Places.IntLength > 0
        ? new() { First = Places[2 * parameter], Second = Places[2 * parameter + 1] }
        : ParameterCopies.None;

    /// <summary>Sets a parameter whose copies are known.</summary>
    /// <param name="parameter">Which.</param>
    /// <param name="copies">Where it is besides.</param>
    /// <param name="value">Its value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int parameter, ParameterCopies copies, float value)
    {
        Values[parameter] = value;
        if (copies.First >= 0)
        {
            Packed[copies.First] = value;
        }

        if (copies.Second >= 0)
        {
            Packed[copies.Second] = value;
        }
    }
}
