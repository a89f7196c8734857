using GpuConvnet.Kernels.Tensor;
using ILGPU;

namespace GpuConvnet.Tests.Tensor;

/// <summary>A kernel that takes the hyperbolic tangent of what it is given, as the tensor kernel does.</summary>
internal static class TanhKernels
{
    /// <summary>Each thread's value becomes its tangent.</summary>
    /// <param name="values">A value per thread.</param>
    public static void Apply(ArrayView<float> values) => values[Group.IdxX] = ExponentialTanh.Apply(values[Group.IdxX]);
}
