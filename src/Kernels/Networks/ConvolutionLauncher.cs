using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The launches of <see cref="ConvolutionKernels"/>.</summary>
/// <typeparam name="TSizes">The layer's sizes.</typeparam>
/// <typeparam name="TBiases">Its biases.</typeparam>
/// <typeparam name="TInput">The activation whose output it reads, if its way back is to include that; else the identity.</typeparam>
/// <typeparam name="TOutput">The activation of its sums, if it is to include that; else the identity.</typeparam>
internal sealed class ConvolutionLauncher<TSizes, TBiases, TInput, TOutput> : DeviceLayer
    where TSizes : struct, IConvolutionSizes
    where TBiases : struct, IBiasSizes
    where TInput : struct, IActivation
    where TOutput : struct, IActivation
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<int>, ArrayView<float>>
        _forward;

    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<int>, int, ArrayView<float>,
        ArrayView<float>> _backwardInput;

    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<int>, BlockSlices, int> _backwardWeights;
    private readonly Action<KernelConfig, ArrayView<float>, BlockSlices, int> _backwardBiases;
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;
    private readonly ConvolutionTiles _tiles;
    private readonly ConvolutionTiles _inputTiles;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _tileRows;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _inputTileRows;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="tiles">The tiles of its maps.</param>
    /// <param name="inputTiles">The tiles of its input's maps.</param>
    public ConvolutionLauncher(KernelLoader loader, Convolution layer, ConvolutionTiles tiles, ConvolutionTiles inputTiles)
    {
        _weights = layer.Parts[0];
        _biases = layer.Parts[1];
        _tiles = tiles;
        _inputTiles = inputTiles;
        loader.Load(KernelKind.ConvolutionForward, ConvolutionKernels.Forward<TSizes, TOutput>, out _forward);
        loader.Load(KernelKind.ConvolutionBackwardInput, ConvolutionKernels.BackwardInput<TSizes, TInput>, out _backwardInput);
        loader.Load(KernelKind.ConvolutionBackwardWeights, ConvolutionKernels.BackwardWeights<TSizes>, out _backwardWeights);
        loader.Load(KernelKind.BiasBackward, BiasKernels.Backward<TBiases>, out _backwardBiases);
        _tileRows = loader.Accelerator.Allocate1D(tiles.Rows);
        _inputTileRows = loader.Accelerator.Allocate1D(inputTiles.Rows);
    }

    /// <inheritdoc/>
    public override void Forward(in DevicePass pass) => _forward(
        pass.OverBlocks(_tiles.Count * TSizes.Rows * Tiles.Count(TSizes.Columns, ConvolutionKernels.TileColumns)),
        pass.Input, pass.Of(_weights), pass.Of(_biases), _tileRows.View, pass.Output);

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass)
    {
        int tapTiles = Tiles.Count(TSizes.Kernel, ConvolutionKernels.TileTaps);
        _backwardWeights(
            pass.OverSlices(_tiles.Count * TSizes.Sources * TSizes.Kernel * tapTiles),
            pass.Input, pass.OutputGradient, _tileRows.View, pass.Slices, _weights.Offset);
        _backwardBiases(
            pass.OverSlices(Tiles.Count(TBiases.Biases, BiasKernels.TileBiases)), pass.OutputGradient, pass.Slices, _biases.Offset);
        if (pass.InputGradient.Length > 0)
        {
            int phaseColumns = Tiles.Count(TSizes.InputColumns, TSizes.Stride);
            int columnTiles = Tiles.Count(phaseColumns, ConvolutionKernels.TileColumns);
            _backwardInput(
                pass.OverBlocks(_inputTiles.Count * TSizes.InputRows * TSizes.Stride * columnTiles),
                pass.OutputGradient, pass.Of(_weights), _inputTileRows.View, _inputTiles.Readers, pass.Input,
                pass.InputGradient);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _inputTileRows.Dispose();
        _tileRows.Dispose();
    }
}
