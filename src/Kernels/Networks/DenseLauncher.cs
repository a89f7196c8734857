using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="DenseKernels"/>.</summary>
/// <typeparam name="TSizes">The layer's sizes.</typeparam>
/// <typeparam name="TBiases">Its biases.</typeparam>
/// <typeparam name="TInput">The activation whose output it reads, if its way back is to include that; else the identity.</typeparam>
/// <typeparam name="TOutput">The activation of its sums, if it is to include that; else the identity.</typeparam>
internal sealed class DenseLauncher<TSizes, TBiases, TInput, TOutput> : DeviceLayer
    where TSizes : struct, IDenseSizes
    where TBiases : struct, IBiasSizes
    where TInput : struct, IActivation
    where TOutput : struct, IActivation
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>> _forward;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>> _backwardInput;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, BlockSlices, int> _backwardWeights;
    private readonly Action<KernelConfig, ArrayView<float>, BlockSlices, int> _backwardBiases;
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="biases">Its biases.</param>
    public DenseLauncher(KernelLoader loader, ParameterPart weights, ParameterPart biases)
    {
        _weights = weights;
        _biases = biases;
        loader.Load(KernelKind.DenseForward, DenseKernels.Forward<TSizes, TOutput>, out _forward);
        loader.Load(KernelKind.DenseBackwardInput, DenseKernels.BackwardInput<TSizes, TInput>, out _backwardInput);
        loader.Load(KernelKind.DenseBackwardWeights, DenseKernels.BackwardWeights<TSizes>, out _backwardWeights);
        loader.Load(KernelKind.BiasBackward, BiasKernels.Backward<TBiases>, out _backwardBiases);
    }

    /// <inheritdoc/>
    public override void Forward(in DevicePass pass) => _forward(
        pass.OverBlocks(BlockTiles(TSizes.Units)),
        pass.Input, pass.Of(_weights), pass.Of(_biases), pass.Output);

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass)
    {
        int weightTiles = Tiles.Count(TSizes.Units, DenseKernels.TileUnits) * Tiles.Count(TSizes.Inputs, DenseKernels.TileInputs);
        _backwardWeights(pass.OverSlices(weightTiles), pass.Input, pass.OutputGradient, pass.Slices, _weights.Offset);
        _backwardBiases(
            pass.OverSlices(Tiles.Count(TBiases.Biases, BiasKernels.TileBiases)), pass.OutputGradient, pass.Slices, _biases.Offset);
        if (pass.InputGradient.Length > 0)
        {
            _backwardInput(
                pass.OverBlocks(BlockTiles(TSizes.Inputs)), pass.OutputGradient, pass.Of(_weights), pass.Input, pass.InputGradient);
        }
    }

    private static int BlockTiles(int sums) => Tiles.Count(sums, DenseKernels.TileSums(TSizes.Tokens))
        * Tiles.Count(TSizes.Tokens, DenseKernels.TileTokens(TSizes.Tokens));
}
