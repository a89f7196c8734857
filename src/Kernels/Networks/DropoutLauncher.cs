using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="DropoutKernels"/>.</summary>
/// <typeparam name="TSizes">The layer's sizes.</typeparam>
internal sealed class DropoutLauncher<TSizes> : DeviceLayer
    where TSizes : struct, IUnitSizes
{
    private readonly Dropout _layer;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, DropoutRule, Perturbation> _forward;
    private readonly Action<KernelConfig, ArrayView<float>, DropoutRule, Perturbation> _backward;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="layer">The layer.</param>
    public DropoutLauncher(KernelLoader loader, Dropout layer)
    {
        _layer = layer;
        loader.Load(KernelKind.DropoutForward, DropoutKernels.Forward<TSizes>, out _forward);
        loader.Load(KernelKind.DropoutBackward, DropoutKernels.Backward<TSizes>, out _backward);
    }

    /// <inheritdoc/>
    public override bool IsUnitWise => true;

    /// <inheritdoc/>
    public override void Forward(in DevicePass pass) =>
        _forward(Grid(pass), pass.Input, pass.Output, Rule(pass), pass.Perturbation.OfUnits);

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass) =>
        _backward(Grid(pass), pass.OutputGradient, Rule(pass), pass.Perturbation.OfUnits);

    private DropoutRule Rule(in DevicePass pass) => pass.IsTraining
        ? new(pass.FirstExample, _layer.FirstUnits, _layer.Threshold, _layer.Scale)
        : new(pass.FirstExample, _layer.FirstUnits, threshold: 0, scale: 1f);

    private static KernelConfig Grid(in DevicePass pass) => pass.OverBlocks(Tiles.Count(TSizes.Units, UnitPlace.UnitsOfThread));
}
