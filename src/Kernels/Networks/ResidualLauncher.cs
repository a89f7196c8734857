using GpuConvnet.Kernels.Compilation;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="ResidualKernels"/>, and of the layers inside.</summary>
/// <typeparam name="TInput">The sizes of the input.</typeparam>
/// <typeparam name="TOutput">Those of the output, which may lie in another border.</typeparam>
internal sealed class ResidualLauncher<TInput, TOutput> : DeviceLayer
    where TInput : struct, IUnitSizes
    where TOutput : struct, IUnitSizes
{
    private readonly DeviceChain _inner;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>> _forward;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>> _backward;
    private ArrayView<float> _output;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="inner">The layers inside, which become its own.</param>
    public ResidualLauncher(KernelLoader loader, DeviceChain inner)
    {
        _inner = inner;
        loader.Load(KernelKind.ResidualForward, ResidualKernels.Forward<TInput, TOutput>, out _forward);
        loader.Load(KernelKind.ResidualBackward, ResidualKernels.Backward<TInput>, out _backward);
    }

    /// <inheritdoc/>
    public override bool IsUnitWise => true;

    /// <inheritdoc/>
    public override long FloatsOfExample => _inner.FloatsOfExample;

    /// <inheritdoc/>
    public override void Allocate(int blocks) => _inner.Allocate(blocks);

    /// <inheritdoc/>
    public override void Forward(in DevicePass pass)
    {
        _output = _inner.Forward(pass);
        _forward(Grid(pass), pass.Input, _output, pass.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass)
    {
        // The layers inside overwrite their gradients.
        long floats = (long)pass.Blocks * TInput.Units * TInput.Lanes;
        _inner.OutputGradient.SubView(0, floats).CopyFrom(pass.OutputGradient.SubView(0, floats));
        ArrayView<float> inner = _inner.Backward(pass, wantsInput: pass.InputGradient.Length > 0);
        if (inner.Length > 0)
        {
            _backward(Grid(pass), inner, pass.OutputGradient);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _inner.Dispose();
    }

    private static KernelConfig Grid(in DevicePass pass) => pass.OverBlocks(Tiles.Count(TInput.Units, UnitPlace.UnitsOfThread));
}
