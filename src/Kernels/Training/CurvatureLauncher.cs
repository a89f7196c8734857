using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// The part of a step that second derivatives add: their way back through squares, by the kernels of <see cref="LayerLauncher"/>,
/// and the update that divides by their means.
/// </summary>
internal sealed class CurvatureLauncher : IDisposable
{
    private readonly OwnedBuffers _owned = new();
    private readonly CurvatureKernelSet _kernels;
    private readonly DeviceParameters _parameters;
    private readonly int _stride;
    private readonly ArrayView<int> _sources;
    private readonly ArrayView<int> _readers;
    private readonly int _readersOfMap;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _squaredParameters;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _images;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _activations;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _kept;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _curvatures;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _sliceSums;
    private readonly GradientSlices _slices;

    /// <summary>Compiles the kernels and allocates what they need.</summary>
    /// <param name="loader">The device's kernels.</param>
    /// <param name="options">The network.</param>
    /// <param name="optimizer">The optimizer, one that uses second derivatives.</param>
    /// <param name="parameters">The parameters and the optimizer's state.</param>
    /// <param name="stride">Examples that there is to be room for.</param>
    /// <param name="sources">The connection table, by <see cref="ConnectionTables.Sources"/>.</param>
    /// <param name="readers">The same by <see cref="ConnectionTables.Readers"/>.</param>
    /// <param name="readersOfMap">How many readers a map of H1 has at most.</param>
    /// <param name="slices">How batches are cut.</param>
    public CurvatureLauncher(
        KernelLoader loader,
        NetworkOptions options,
        Optimizer optimizer,
        DeviceParameters parameters,
        int stride,
        ArrayView<int> sources,
        ArrayView<int> readers,
        int readersOfMap,
        GradientSlices slices)
    {
        Accelerator accelerator = loader.Accelerator;
        _kernels = CurvatureKernelSet.Load(loader, options, optimizer);
        _parameters = parameters;
        _stride = stride;
        _sources = sources;
        _readers = readers;
        _readersOfMap = readersOfMap;
        _slices = slices;
        try
        {
            _squaredParameters = _owned.Add(accelerator.Allocate1D<float>(Layout.Parameters));
            _images = _owned.Add(accelerator.Allocate1D<float>((long)Shape1989.InputUnits * stride));
            _activations = _owned.Add(accelerator.Allocate1D<float>((long)Layout.Rows * stride));
            _kept = _owned.Add(accelerator.Allocate1D<float>((long)Layout.H2Units * stride));
            _curvatures = _owned.Add(accelerator.Allocate1D<float>((long)Layout.Rows * stride));
            _sliceSums = _owned.Add(accelerator.Allocate1D<float>((long)_slices.Maximum * Layout.Parameters));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the squares and second derivatives of an example.</summary>
    public static long BytesOfExample => (2L * Layout.Rows + Layout.H2Units + Shape1989.InputUnits) * sizeof(float);

    /// <summary>Squares the parameters that the step begins with.</summary>
    public void BeginStep() =>
        _kernels.SquareParameters(Layout.Parameters, _parameters.Values, _squaredParameters.View);

    /// <summary>
    /// Sums second derivatives of a part of a batch that went forward, and whose deltas have not been written yet.
    /// </summary>
    /// <param name="batch">The part.</param>
    /// <param name="perturbation">What was done to it.</param>
    /// <param name="count">The batch's examples.</param>
    /// <param name="firstSlice">The part's first slice of the batch.</param>
    /// <param name="grid">From tiles to the grid of a sum over the part's slices.</param>
    public void Sum(Batch batch, in Perturbation perturbation, int count, int firstSlice, Func<int, KernelConfig> grid)
    {
        Batch squares = batch with
        {
            Images = _images.View,
            ImageStride = _stride,
            Activations = _activations.View,
            Kept = perturbation.Drops
                ? _kept.View
                : _activations.View.SubView((long)Layout.H2Row * _stride, (long)Layout.H2Units * _stride),
            Deltas = _curvatures.View,
        };
        Perturbation none = Perturbation.None;
        SliceSums slices = Slices(count, firstSlice);
        _kernels.SquareImages(new Index2D(batch.Count, Shape1989.InputUnits), batch, _images.View, _stride);
        _kernels.SquareUnits(new Index2D(batch.Count, Layout.OutputRow), batch, squares, perturbation);
        _kernels.OutputBackwardCurvature(batch.Count, batch, squares, _squaredParameters.View, 1f / count);

        // Dropout's factors are in H2's squared slopes.
        _kernels.H3BackwardInput(
            new Index2D(batch.Count, H3Kernels.InputTiles()), squares, _squaredParameters.View, none);
        _kernels.H2BackwardInput(
            new Index2D(batch.Count, H2Kernels.InputTiles()), squares, _squaredParameters.View, _readers, _readersOfMap);
        _kernels.H1BackwardWeights(grid(H1Kernels.WeightTiles()), squares, slices, perturbation);
        _kernels.H2BackwardWeights(grid(H2Kernels.WeightTiles()), squares, _sources, slices);
        _kernels.DenseBackwardWeights(grid(DenseWeightKernels.Tiles()), squares, slices);
        _kernels.BiasBackward(grid(BiasKernels.Tiles()), squares, slices);
    }

    /// <summary>The step.</summary>
    /// <param name="gradients">The batch's gradients.</param>
    /// <param name="step">The step.</param>
    /// <param name="shared">Adds slices up with the other ranks; null where there are none.</param>
    public void Update(SliceSums gradients, in BatchStep step, SharedSlices? shared)
    {
        SliceSums curvatures = Slices(step.Count, 0);
        if (shared is not null)
        {
            // Into the first slice, which has been read by then.
            ArrayView<float> whole = _sliceSums.View.SubView(0, Layout.Parameters);
            shared.Add(_sliceSums.View, _slices.Count(step.Count), whole);
            curvatures = new SliceSums(whole, step.Count, count: 1, first: 0);
        }

        _kernels.UpdateByCurvature(
            Layout.Parameters, gradients, curvatures, _parameters.Values, _parameters.State1, step.Optimizer);
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    private SliceSums Slices(int count, int first) => new(_sliceSums.View, count, _slices.Count(count), first);
}
