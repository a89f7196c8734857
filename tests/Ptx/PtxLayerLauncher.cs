using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Simulator.Ptx;

namespace GpuConvnet.Tests.Ptx;

/// <summary>The layers' kernels, their memory and their launches: what <see cref="LayerLauncher"/> does on a device.</summary>
internal sealed class PtxLayerLauncher
{
    // Threads of a group that shares a slice's examples, and of one that has an index each.
    private const int GroupThreads = GroupSums.MostThreads;
    private const int IndexThreads = 64;

    private readonly PtxMemory _memory = new();
    private readonly PtxNetwork _network;
    private readonly Type _rule;
    private readonly Type _table;
    private readonly int _examples;
    private readonly int _stride;
    private readonly int _readersOfMap;
    private readonly PtxBuffer<float> _images;
    private readonly PtxBuffer<byte> _labels;
    private readonly PtxBuffer<float> _distorted;
    private readonly PtxBuffer<int> _sources;
    private readonly PtxBuffer<int> _readers;
    private readonly PtxBuffer<float> _parameters;
    private readonly PtxBuffer<float> _state1;
    private readonly PtxBuffer<float> _state2;
    private readonly PtxBuffer<float> _directions;
    private readonly PtxBuffer<float> _lengths;
    private readonly PtxBuffer<float> _gradient;
    private readonly PtxBuffer<float> _sliceSums;
    private readonly PtxBuffer<float> _activations;
    private readonly PtxBuffer<float> _kept;
    private readonly PtxBuffer<float> _deltas;

    public PtxLayerLauncher(NetworkOptions options, OptimizerKind optimizer, Examples examples, float[] parameters, int stride)
    {
        _network = PtxNetwork.Of(options);
        _rule = optimizer == OptimizerKind.Sgd ? typeof(Sgd) : typeof(Adam);
        _table = options.Connections.IsGrouped ? typeof(GroupedTable) : typeof(AnyTable);
        _examples = examples.Count;
        _stride = stride;
        _images = _memory.Allocate(Transposed(examples));
        _labels = _memory.Allocate(examples.Labels);
        _distorted = _memory.Allocate<float>(Shape1989.InputUnits * stride);
        _sources = _memory.Allocate(ConnectionTables.Sources(options.Connections));
        _readers = _memory.Allocate(ConnectionTables.Readers(options.Connections, out _readersOfMap));
        _parameters = _memory.Allocate(parameters);
        _state1 = _memory.Allocate(new float[parameters.Length]);
        _state2 = _memory.Allocate(new float[parameters.Length]);
        _directions = _memory.Allocate(parameters);
        _lengths = _memory.Allocate(
            [.. UnitWeights.All.Select(weights => weights.Length(parameters)), .. new float[2 * UnitWeights.All.Count]]);
        _gradient = _memory.Allocate<float>(parameters.Length);
        _sliceSums = _memory.Allocate<float>(GradientSlices.Maximum * parameters.Length);
        _activations = _memory.Allocate<float>(Layout.Rows * stride);
        _kept = _memory.Allocate<float>(Layout.H2Units * stride);
        _deltas = _memory.Allocate<float>(Layout.Rows * stride);
    }

    /// <summary>The launches so far of kernels of a thread an index.</summary>
    public List<PtxRun> IndexRuns { get; } = [];

    /// <summary>The launches so far of kernels of groups.</summary>
    public List<PtxRun> GroupRuns { get; } = [];

    public float[] Parameters => _parameters.Read();

    /// <summary>(256, count): the examples side by side, as <see cref="DeviceExamples"/> has them.</summary>
    public static float[] Transposed(Examples examples)
    {
        float[] transposed = new float[examples.Pixels.Length];
        for (int example = 0; example < examples.Count; example++)
        {
            ReadOnlySpan<float> image = examples.Image(example);
            for (int pixel = 0; pixel < image.Length; pixel++)
            {
                transposed[pixel * examples.Count + example] = image[pixel];
            }
        }

        return transposed;
    }

    public float[] Gradient(int start, int count, Perturbation perturbation)
    {
        SumGradients(start, count, perturbation);
        Each(typeof(UpdateKernels), nameof(UpdateKernels.Gradient), [], (_gradient.Length, 0), Slices(count), _gradient);
        return _gradient.Read();
    }

    public void Step(int start, int count, Perturbation perturbation, OptimizerConstants step)
    {
        SumGradients(start, count, perturbation);
        Each(
            typeof(UpdateKernels), nameof(UpdateKernels.Update), [_rule], (_parameters.Length, 0), Slices(count),
            _parameters, _state1, _state2, step);
    }

    public void StepNormalized(int start, int count, Perturbation perturbation, OptimizerConstants step)
    {
        Gradient(start, count, perturbation);
        int vectors = NormalizationKernels.Vectors();
        Groups(
            typeof(NormalizationKernels), nameof(NormalizationKernels.Project), [_rule], (vectors, 1), _lengths, _directions,
            _gradient, step);
        Each(
            typeof(UpdateKernels), nameof(UpdateKernels.Update), [_rule], (_parameters.Length, 0),
            new PtxStruct(_gradient, count, 1, 0), _directions, _state1, _state2, step);
        _parameters.Write(_directions.Read());
        Groups(
            typeof(NormalizationKernels), nameof(NormalizationKernels.Scale), [], (vectors, 1), _lengths, _directions,
            _parameters);
    }

    public Evaluation Evaluate()
    {
        int groups = (_examples + GroupThreads - 1) / GroupThreads;
        PtxBuffer<float> losses = _memory.Allocate<float>(groups + 1);
        PtxBuffer<int> misses = _memory.Allocate<int>(groups + 1);
        PtxStruct batch = BatchOf(_images, _labels, _examples, 0, _examples, Perturbation.None, _deltas with { Length = 0 });
        Forward(batch, _examples, Perturbation.None);
        Groups(
            typeof(OutputKernels), nameof(OutputKernels.Evaluate), [_network.Loss], (groups, 1), batch, losses, misses, 1);
        return new Evaluation(
            _examples, losses.Read().Skip(1).Sum(loss => (double)loss) / _examples, misses.Read().Skip(1).Sum());
    }

    private void SumGradients(int start, int count, Perturbation perturbation)
    {
        PtxStruct batch = BatchOf(_images.From(start), _labels.From(start), _examples, start, count, perturbation, _deltas);
        if (perturbation.Distorts)
        {
            Each(
                typeof(DistortionKernels), nameof(DistortionKernels.Distort), [typeof(ImagesByPixel)], (count, Shape1989.InputSize), batch,
                _distorted, perturbation);
            perturbation = perturbation.OfUnits;
            batch = BatchOf(_distorted, _labels.From(start), _stride, start, count, perturbation, _deltas);
        }

        Forward(batch, count, perturbation);
        Each(
            typeof(OutputKernels), nameof(OutputKernels.Backward), [_network.Hidden, _network.Output, _network.Loss],
            (count, 0), batch, _parameters, _network.Targets, 1f / count);
        Each(
            typeof(H3Kernels), nameof(H3Kernels.BackwardInput), [_network.Hidden],
            (count, H3Kernels.InputTiles()), batch, _parameters, perturbation);
        Each(
            typeof(H2Kernels), nameof(H2Kernels.BackwardInput), [_network.Hidden],
            (count, H2Kernels.InputTiles()), batch, _parameters, _readers, _readersOfMap);
        int slices = GradientSlices.Count(count);
        Groups(
            typeof(H1Kernels), nameof(H1Kernels.BackwardWeights), [], (H1Kernels.WeightTiles(), slices), batch,
            Slices(count), perturbation);
        Groups(
            typeof(H2Kernels), nameof(H2Kernels.BackwardWeights), [_table], (H2Kernels.WeightTiles(), slices),
            batch, _sources, Slices(count));
        Groups(
            typeof(DenseWeightKernels), nameof(DenseWeightKernels.Backward), [],
            (DenseWeightKernels.Tiles(), slices), batch, Slices(count));
        Groups(
            typeof(BiasKernels), nameof(BiasKernels.Backward), [], (BiasKernels.Tiles(), slices), batch,
            Slices(count));
    }

    private void Forward(PtxStruct batch, int count, Perturbation perturbation)
    {
        Each(
            typeof(H1Kernels), nameof(H1Kernels.Forward), [_network.Hidden], (count, H1Kernels.ForwardTiles()),
            batch, _parameters, perturbation);
        Each(
            typeof(H2Kernels), nameof(H2Kernels.Forward), [_network.Hidden, _table],
            (count, H2Kernels.ForwardTiles()), batch, _parameters, _sources, perturbation);
        Each(
            typeof(H3Kernels), nameof(H3Kernels.Forward), [_network.Hidden], (count, H3Kernels.ForwardTiles()),
            batch, _parameters);
        Each(
            typeof(OutputKernels), nameof(OutputKernels.Forward), [_network.Output],
            (count, Layout.Outputs), batch, _parameters);
    }

    private PtxStruct Slices(int count) => new(_sliceSums, count, GradientSlices.Count(count), 0);

    /// <summary>The fields of a <see cref="Batch"/>.</summary>
    private PtxStruct BatchOf(
        PtxBuffer<float> images, PtxBuffer<byte> labels, int imageStride, int first, int count, Perturbation perturbation,
        PtxBuffer<float> deltas) => new(
        images, labels, _activations, perturbation.Drops ? _kept : _activations.From(Layout.H2Row * _stride), deltas,
        imageStride, first, count, _stride);

    /// <summary>A kernel of a thread an index, in one dimension or two.</summary>
    private void Each(Type kernels, string name, Type[] types, (long X, int Y) extent, params object[] arguments)
    {
        object index = extent.Y == 0 ? (int)extent.X : new PtxStruct((int)extent.X, extent.Y);
        IndexRuns.Add(PtxMachine.Launch(
            PtxCompiler.Compile(kernels, name, 0, [.. types]), _memory,
            ((int)(extent.X + IndexThreads - 1) / IndexThreads, Math.Max(extent.Y, 1)), (IndexThreads, 1),
            [index, .. arguments]));
    }

    private void Groups(Type kernels, string name, Type[] types, (int X, int Y) grid, params object[] arguments) =>
        GroupRuns.Add(PtxMachine.Launch(
            PtxCompiler.Compile(kernels, name, GroupThreads, [.. types]), _memory, grid,
            (GroupThreads, 1), arguments));
}
