using System.Runtime.CompilerServices;
using GpuConvnet.Model.Activations;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>Two neighbouring values, which one load of eight bytes brings. In registers.</summary>
internal struct Float2
{
    /// <summary>The first.</summary>
    public float C0;

    /// <summary>The second.</summary>
    public float C1;

    /// <summary>These two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float2 Of(float c0, float c1) => new() { C0 = c0, C1 = c1 };

    /// <summary>The two slopes, from the units' outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float2 Derivatives<THidden>()
        where THidden : struct, IActivation => Of(THidden.Derivative(C0), THidden.Derivative(C1));
}
