using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Network;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="PositionEmbeddingKernels"/>.</summary>
/// <typeparam name="TSizes">The layer's sizes.</typeparam>
/// <typeparam name="TBiases">Its parameters, as biases of a unit each.</typeparam>
internal sealed class PositionEmbeddingLauncher<TSizes, TBiases> : DeviceLayer
    where TSizes : struct, IUnitSizes
    where TBiases : struct, IBiasSizes
{
    private readonly ParameterPart _added;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>> _forward;
    private readonly Action<KernelConfig, ArrayView<float>, BlockSlices, int> _backward;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="added">What is added.</param>
    public PositionEmbeddingLauncher(KernelLoader loader, ParameterPart added)
    {
        _added = added;
        loader.Load(KernelKind.PositionForward, PositionEmbeddingKernels.Forward<TSizes>, out _forward);
        loader.Load(KernelKind.BiasBackward, BiasKernels.Backward<TBiases>, out _backward);
    }

    /// <inheritdoc/>
    public override bool IsUnitWise => true;

    /// <inheritdoc/>
    public override void Forward(in DevicePass pass) => _forward(
        pass.OverBlocks(Tiles.Count(TSizes.Units, UnitPlace.UnitsOfThread)), pass.Input, pass.Of(_added), pass.Output);

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass) => _backward(
        pass.OverSlices(Tiles.Count(TBiases.Biases, BiasKernels.TileBiases)), pass.OutputGradient, pass.Slices, _added.Offset);
}
