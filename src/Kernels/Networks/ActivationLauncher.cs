using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="ActivationKernels"/>.</summary>
/// <typeparam name="TSizes">The layer's sizes.</typeparam>
internal sealed class ActivationLauncher<TSizes> : DeviceLayer
    where TSizes : struct, IUnitSizes
{
    private readonly Choice _kernels;
    private readonly bool _isForward;
    private readonly bool _isBackward;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="function">The activation.</param>
    /// <param name="isForward">Whether the way forward is not in the kernels of the layer before.</param>
    /// <param name="isBackward">Whether the way back is not in the kernels of the layer behind.</param>
    public ActivationLauncher(KernelLoader loader, Activation function, bool isForward, bool isBackward)
    {
        _isForward = isForward;
        _isBackward = isBackward;
        _kernels = new Choice { Loader = loader };
        function.Accept(ref _kernels);
    }

    /// <inheritdoc/>
    public override bool IsUnitWise => true;

    /// <inheritdoc/>
    public override void Forward(in DevicePass pass)
    {
        if (_isForward)
        {
            _kernels.Forward(Grid(pass), pass.Input, pass.Output);
        }
    }

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass)
    {
        if (_isBackward)
        {
            _kernels.Backward(Grid(pass), _kernels.IsOfSum ? pass.Input : pass.Output, pass.OutputGradient);
        }
    }

    private static KernelConfig Grid(in DevicePass pass) => pass.OverBlocks(Tiles.Count(TSizes.Units, UnitPlace.UnitsOfThread));

    private struct Choice : IActivationVisitor
    {
        public required KernelLoader Loader;
        public Action<KernelConfig, ArrayView<float>, ArrayView<float>> Forward;
        public Action<KernelConfig, ArrayView<float>, ArrayView<float>> Backward;
        public bool IsOfSum;

        public void Visit<TActivation>()
            where TActivation : struct, IActivation
        {
            Loader.Load(KernelKind.ActivationForward, ActivationKernels.Forward<TSizes, TActivation>, out Forward);
            Loader.Load(KernelKind.ActivationBackward, ActivationKernels.Backward<TSizes, TActivation>, out Backward);
            IsOfSum = TActivation.DerivativeNeedsSum;
        }
    }
}
