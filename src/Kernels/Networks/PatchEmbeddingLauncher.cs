using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="PatchEmbeddingKernels"/>, and of the dense layer behind them.</summary>
/// <typeparam name="TSizes">The layer's sizes.</typeparam>
internal sealed class PatchEmbeddingLauncher<TSizes> : DeviceLayer
    where TSizes : struct, IPatchSizes
{
    private readonly OwnedBuffers _owned = new();
    private readonly Accelerator _accelerator;
    private readonly DeviceLayer _dense;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>> _cut;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>> _join;
    private ArrayView<float> _patches;
    private ArrayView<float> _gradient;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="dense">The dense layer, of each patch by itself.</param>
    public PatchEmbeddingLauncher(KernelLoader loader, DeviceLayer dense)
    {
        _accelerator = loader.Accelerator;
        _dense = _owned.Add(dense);
        loader.Load(KernelKind.PatchForward, PatchEmbeddingKernels.Cut<TSizes>, out _cut);
        loader.Load(KernelKind.PatchBackward, PatchEmbeddingKernels.Join<TSizes>, out _join);
    }

    /// <inheritdoc/>
    public override long FloatsOfExample => 2L * Values;

    private static int Values => TSizes.Maps * TSizes.Rows * TSizes.Columns;

    /// <inheritdoc/>
    public override void Allocate(int blocks)
    {
        long floats = (long)blocks * Values * TSizes.Lanes;
        _patches = _owned.Add(_accelerator.Allocate1D<float>(floats)).View;
        _gradient = _owned.Add(_accelerator.Allocate1D<float>(floats)).View;
    }

    /// <inheritdoc/>
    public override void Forward(in DevicePass pass)
    {
        _cut(Grid(pass), pass.Input, _patches);
        _dense.Forward(pass with { Input = _patches });
    }

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass)
    {
        bool isWanted = pass.InputGradient.Length > 0;
        _dense.Backward(pass with { Input = _patches, InputGradient = isWanted ? _gradient : pass.InputGradient });
        if (isWanted)
        {
            _join(Grid(pass), _gradient, pass.InputGradient);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _owned.Dispose();
    }

    private static KernelConfig Grid(in DevicePass pass) => pass.OverBlocks(Tiles.Count(Values, UnitPlace.UnitsOfThread));
}
