using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Training;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// The step of one kernel per layer and direction, with activations and deltas in the device's memory; a batch that does not
/// fit there goes through in parts. Trains every network.
/// </summary>
internal sealed class LayerLauncher : IStepLauncher
{
    private readonly QueueLimit _queue;
    private readonly OwnedBuffers _owned = new();
    private readonly KernelSet _kernels;
    private readonly Targets _targets;
    private readonly DeviceParameters _parameters;
    private readonly DistortedImages? _distorted;
    private readonly MemoryPlan _plan;
    private readonly GradientSlices _slices;
    private readonly int _groupThreads;
    private readonly int _readersOfMap;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _sources;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _readers;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _gradient;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _sliceSums;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _activations;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _kept;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _deltas;
    private readonly CurvatureLauncher? _curvature;
    private readonly MatrixLauncher? _matrices;

    /// <summary>Adds slices up with the other ranks; null where there are none.</summary>
    private readonly SharedSlices? _shared;

    /// <summary>Compiles the kernels and allocates what they need.</summary>
    /// <param name="loader">The device's kernels.</param>
    /// <param name="options">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="parameters">The parameters and the optimizer's state.</param>
    /// <param name="distorted">Room for distorted images; null where there are none.</param>
    /// <param name="plan">How much of a batch there is to be room for.</param>
    /// <param name="groupThreads">Threads that share a slice's examples in a sum, a power of 2.</param>
    /// <param name="isGpu">Whether it is a GPU, not a processor.</param>
    /// <param name="sharing">How batches are cut, and who shares them.</param>
    public LayerLauncher(
        KernelLoader loader,
        NetworkOptions options,
        Optimizer optimizer,
        DeviceParameters parameters,
        DistortedImages? distorted,
        MemoryPlan plan,
        int groupThreads,
        bool isGpu,
        BatchSharing sharing)
    {
        Accelerator accelerator = loader.Accelerator;
        _queue = new QueueLimit(accelerator);
        _parameters = parameters;
        _distorted = distorted;
        _plan = plan;
        _groupThreads = groupThreads;
        _slices = sharing.Slices;
        _shared = sharing.Ranks is null ? null : new SharedSlices(sharing.Ranks, Layout.Parameters);
        _kernels = KernelSet.Load(loader, options, optimizer);
        _targets = options.Loss.Targets(options.LabelSmoothing);
        try
        {
            _sources = _owned.Add(accelerator.Allocate1D(ConnectionTables.Sources(options.Connections)));
            _readers = _owned.Add(accelerator.Allocate1D(ConnectionTables.Readers(options.Connections, out _readersOfMap)));
            _gradient = _owned.Add(accelerator.Allocate1D<float>(Layout.Parameters));
            _sliceSums = _owned.Add(accelerator.Allocate1D<float>((long)_slices.Maximum * Layout.Parameters));
            _activations = _owned.Add(accelerator.Allocate1D<float>((long)Layout.Rows * plan.Stride));
            _deltas = _owned.Add(accelerator.Allocate1D<float>((long)Layout.Rows * plan.Stride));
            _kept = _owned.Add(accelerator.Allocate1D<float>((long)Layout.H2Units * plan.Stride));
            _curvature = optimizer.UsesCurvature
                ? _owned.Add(new CurvatureLauncher(
                    loader, options, optimizer, parameters, plan.Stride, _sources.View, _readers.View, _readersOfMap, _slices))
                : null;
            _matrices = optimizer.UsesMatrices
                ? _owned.Add(new MatrixLauncher(loader, Parameters.Parts, optimizer, parameters, isGpu, isPlanned: false))
                : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the activations and deltas of an example.</summary>
    /// <param name="optimizer">The optimizer; one that uses second derivatives has them and squares besides.</param>
    public static long BytesOfExample(Optimizer optimizer) =>
        (2L * Layout.Rows + Layout.H2Units) * sizeof(float) + (optimizer.UsesCurvature ? CurvatureLauncher.BytesOfExample : 0);

    /// <inheritdoc/>
    public void Launch(DeviceExamples block, ReadOnlySpan<PlannedStep> steps)
    {
        foreach (PlannedStep planned in steps)
        {
            BatchStep step = planned.Step;
            _curvature?.BeginStep();
            SumGradients(block, planned);
            if (_curvature is not null)
            {
                _curvature.Update(Whole(step.Count), step, _shared);
            }
            else if (_matrices is not null)
            {
                SumWhole(step.Count, _matrices.Gradient);
                _matrices.Launch(step.Optimizer);
            }
            else if (_parameters is { Directions: { } directions, Lengths: { } lengths })
            {
                UpdateNormalized(directions.View, lengths.View, step);
            }
            else
            {
                _kernels.Update!(
                    Layout.Parameters, Whole(step.Count), _parameters.Values, _parameters.State1,
                    _parameters.State2, step.Optimizer);
            }

            _queue.EndStep();
        }
    }

    /// <inheritdoc/>
    public float[] LaunchGradient(DeviceExamples block, in PlannedStep step)
    {
        SumGradients(block, step);
        SumWhole(step.Step.Count, _gradient.View);
        return _gradient.GetAsArray1D();
    }

    /// <inheritdoc/>
    public int EvaluationGroups(int examples) => examples / _groupThreads + examples / _plan.Stride + 2;

    /// <inheritdoc/>
    public int LaunchEvaluation(DeviceExamples examples, ReadbackBuffer slot, int firstGroup)
    {
        int groups = 0;
        for (int first = 0; first < examples.Count; first += _plan.Stride)
        {
            int count = Math.Min(_plan.Stride, examples.Count - first);
            Batch batch = BatchOf(examples, first, first, count, Perturbation.None, _deltas.View.SubView(0, 0));
            Forward(batch, Perturbation.None, _parameters.Evaluated.View);
            int launched = (batch.Count + _groupThreads - 1) / _groupThreads;
            _kernels.Evaluate((launched, _groupThreads), batch, slot.Losses, slot.Misses, firstGroup + groups);
            groups += launched;
        }

        return groups;
    }

    /// <inheritdoc/>
    public int GradientShares(int count) => _slices.Count(count);

    /// <summary>The activations and deltas of a batch, for verification.</summary>
    /// <returns>Two arrays (1000, count) in the order H1, H2, H3, output.</returns>
    public (float[] Activations, float[] Deltas) Trace(DeviceExamples block, in PlannedStep step)
    {
        int count = step.Step.Count;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _plan.Stride);
        Perturbation perturbation = step.Step.Perturbation;
        Batch batch = Distorted(BatchOf(block, step.Image, step.Step.Start, count, perturbation, _deltas.View), ref perturbation);
        Forward(batch, perturbation, _parameters.Values);
        BackwardDeltas(batch, perturbation, 1f / count);
        return (Rows(_activations), Rows(_deltas));

        float[] Rows(MemoryBuffer1D<float, Stride1D.Dense> buffer)
        {
            float[] whole = buffer.GetAsArray1D();
            float[] rows = new float[Layout.Rows * count];
            for (int row = 0; row < Layout.Rows; row++)
            {
                whole.AsSpan(row * _plan.Stride, count).CopyTo(rows.AsSpan(row * count));
            }

            return rows;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Dispose();
        _owned.Dispose();
    }

    /// <summary>From the slices' gradients to a step on lengths, directions and biases, and to the weights they make.</summary>
    private void UpdateNormalized(ArrayView<float> directions, ArrayView<float> lengths, in BatchStep step)
    {
        KernelConfig grid = new(NormalizationKernels.Vectors(), _groupThreads);
        SumWhole(step.Count, _gradient.View);
        _kernels.Project!(grid, lengths, directions, _gradient.View, step.Optimizer);

        _kernels.Update!(
            Layout.Parameters, InOneSlice(step.Count), directions, _parameters.State1, _parameters.State2, step.Optimizer);
        _parameters.Values.CopyFrom(directions);
        _kernels.Scale!(grid, lengths, directions, _parameters.Values);
    }

    private void SumGradients(DeviceExamples block, in PlannedStep planned)
    {
        BatchStep step = planned.Step;
        int slices = _slices.Count(step.Count);
        SliceSpan own = _shared?.Own(slices) ?? new SliceSpan(0, slices);
        for (int first = own.First, together; first < own.End; first += together)
        {
            together = Math.Min(_plan.SlicesFrom(first, step.Count), own.End - first);
            int from = _slices.Start(first, step.Count);
            int to = _slices.Start(first + together, step.Count);
            Perturbation perturbation = step.Perturbation;
            Batch batch = Distorted(
                BatchOf(block, planned.Image + from, step.Start + from, to - from, perturbation, _deltas.View), ref perturbation);
            Forward(batch, perturbation, _parameters.Values);
            _curvature?.Sum(batch, perturbation, step.Count, first, Grid(together));
            BackwardDeltas(batch, perturbation, 1f / step.Count);
            BackwardWeights(batch, perturbation, Slices(step.Count, first), together);
        }
    }

    private void Forward(Batch batch, in Perturbation perturbation, ArrayView<float> parameters)
    {
        _kernels.H1Forward(
            new Index2D(batch.Count, H1Kernels.ForwardTiles()), batch, parameters, perturbation);
        _kernels.H2Forward(
            new Index2D(batch.Count, H2Kernels.ForwardTiles()), batch, parameters, _sources.View, perturbation);
        _kernels.H3Forward(new Index2D(batch.Count, H3Kernels.ForwardTiles()), batch, parameters);
        _kernels.OutputForward(new Index2D(batch.Count, Layout.Outputs), batch, parameters);
    }

    private void BackwardDeltas(Batch batch, in Perturbation perturbation, float scale)
    {
        _kernels.OutputBackward(batch.Count, batch, _parameters.Values, _targets, scale);
        _kernels.H3BackwardInput(
            new Index2D(batch.Count, H3Kernels.InputTiles()), batch, _parameters.Values, perturbation);
        _kernels.H2BackwardInput(
            new Index2D(batch.Count, H2Kernels.InputTiles()), batch, _parameters.Values, _readers.View,
            _readersOfMap);
    }

    private void BackwardWeights(Batch batch, in Perturbation perturbation, SliceSums slices, int together)
    {
        Func<int, KernelConfig> grid = Grid(together);
        _kernels.H1BackwardWeights(grid(H1Kernels.WeightTiles()), batch, slices, perturbation);
        _kernels.H2BackwardWeights(grid(H2Kernels.WeightTiles()), batch, _sources.View, slices);
        _kernels.DenseBackwardWeights(grid(DenseWeightKernels.Tiles()), batch, slices);
        _kernels.BiasBackward(grid(BiasKernels.Tiles()), batch, slices);
    }

    /// <summary>From tiles to the grid of a sum over the examples of some slices.</summary>
    private Func<int, KernelConfig> Grid(int together) =>
        tiles => new KernelConfig(new Index2D(tiles, together), new Index2D(_groupThreads, 1));

    /// <summary>What an update adds up: the batch's slices; of several ranks' the sum, as its one slice.</summary>
    private SliceSums Whole(int count)
    {
        if (_shared is null)
        {
            return Slices(count, 0);
        }

        SumWhole(count, _gradient.View);
        return InOneSlice(count);
    }

    /// <summary>Adds the batch's slices up into a gradient.</summary>
    private void SumWhole(int count, ArrayView<float> gradient)
    {
        if (_shared is null)
        {
            _kernels.Gradient(Layout.Parameters, Slices(count, 0), gradient);
        }
        else
        {
            _shared.Add(_sliceSums.View, _slices.Count(count), gradient);
        }
    }

    private SliceSums InOneSlice(int count) => new(_gradient.View, count, count: 1, first: 0);

    private SliceSums Slices(int count, int first) =>
        new(_sliceSums.View, count, _slices.Count(count), first);

    private Batch BatchOf(
        DeviceExamples examples, int index, int place, int count, in Perturbation perturbation, ArrayView<float> deltas)
    {
        long h2 = (long)Layout.H2Row * _plan.Stride;
        ArrayView<float> kept = perturbation.Drops
            ? _kept.View
            : _activations.View.SubView(h2, (long)Layout.H2Units * _plan.Stride);
        return new Batch
        {
            Images = examples.Images.SubView(index),
            Labels = examples.Labels.SubView(index),
            ImageStride = examples.Count,
            First = place,
            Count = count,
            Activations = _activations.View,
            Kept = kept,
            Deltas = deltas,
            Stride = _plan.Stride,
        };
    }

    /// <summary>
    /// Where the perturbation distorts images: distorts them, for kernels that then hear of the rest of the perturbation only.
    /// </summary>
    private Batch Distorted(Batch batch, ref Perturbation perturbation)
    {
        if (!perturbation.Distorts)
        {
            return batch;
        }

        Batch distorted = DistortedImages.Of(_distorted).Distort(batch, perturbation);
        perturbation = perturbation.OfUnits;
        return distorted;
    }
}
