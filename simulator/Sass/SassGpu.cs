using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Simulator.Tensor;

namespace GpuConvnet.Simulator.Sass;

/// <summary>
/// What the model knows of a GPU beyond <see cref="PtxGpu"/>: of public microbenchmarks, nothing measured here.
/// </summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Architecture">What its code is assembled for.</param>
/// <param name="FloatUnits">Units of 16 lanes that a scheduler has for float arithmetic.</param>
/// <param name="ParametersAt">Where a launch's parameters begin in the first bank of constants.</param>
/// <param name="SharedAt">Where a group's shared memory begins among its addresses.</param>
/// <param name="Tensor">How its tensor cores add.</param>
internal sealed record SassGpu(
    PtxGpu Gpu, string Architecture, int FloatUnits, int ParametersAt, int SharedAt, TensorCore Tensor)
{
    public static SassGpu H100 { get; } = new(PtxGpu.H100, "sm_90", 2, 0x210, 0x400, TensorCore.H100);

    public static SassGpu A100 { get; } = new(PtxGpu.A100, "sm_80", 1, 0x160, 0, TensorCore.A100);
}
