using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Network;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="LayerNormalizationKernels"/>.</summary>
/// <typeparam name="TSizes">The layer's sizes.</typeparam>
internal sealed class LayerNormalizationLauncher<TSizes> : DeviceLayer
    where TSizes : struct, ITokenSizes
{
    private readonly OwnedBuffers _owned = new();
    private readonly Accelerator _accelerator;
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;
    private readonly float _epsilon;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, ArrayView<float>,
        ArrayView<float>> _forward;

    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>> _backwardInput;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, BlockSlices, int, int>
        _backwardWeights;

    private ArrayView<float> _kept;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="weights">(features).</param>
    /// <param name="biases">(features).</param>
    /// <param name="epsilon">What is added to the variance.</param>
    public LayerNormalizationLauncher(KernelLoader loader, ParameterPart weights, ParameterPart biases, float epsilon)
    {
        _accelerator = loader.Accelerator;
        _weights = weights;
        _biases = biases;
        _epsilon = epsilon;
        loader.Load(KernelKind.NormalizationForward, LayerNormalizationKernels.Forward<TSizes>, out _forward);
        loader.Load(KernelKind.NormalizationBackwardInput, LayerNormalizationKernels.BackwardInput<TSizes>, out _backwardInput);
        loader.Load(
            KernelKind.NormalizationBackwardWeights, LayerNormalizationKernels.BackwardWeights<TSizes>, out _backwardWeights);
    }

    /// <inheritdoc/>
    public override bool IsUnitWise => true;

    /// <inheritdoc/>
    public override long FloatsOfExample => 2L * TSizes.Tokens;

    /// <inheritdoc/>
    public override void Allocate(int blocks) =>
        _kept = _owned.Add(_accelerator.Allocate1D<float>(blocks * FloatsOfExample * TSizes.Lanes)).View;

    /// <inheritdoc/>
    public override void Forward(in DevicePass pass) => _forward(
        pass.OverBlocks(TSizes.Tokens), pass.Input, pass.Of(_weights), pass.Of(_biases), _epsilon, _kept, pass.Output);

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass)
    {
        _backwardWeights(
            pass.OverSlices(Tiles.Count(TSizes.Features, LayerNormalizationKernels.TileFeatures)),
            pass.Input, _kept, pass.OutputGradient, pass.Slices, _weights.Offset, _biases.Offset);
        if (pass.InputGradient.Length > 0)
        {
            _backwardInput(pass.OverBlocks(TSizes.Tokens), pass.Input, pass.Of(_weights), _kept, pass.OutputGradient);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _owned.Dispose();
    }
}
