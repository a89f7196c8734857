using System.Numerics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Networks;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Model.Training;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>The step of any network: a kernel per layer and direction, on blocks of examples.</summary>
internal sealed class NetworkLauncher : IStepLauncher
{
    /// <summary>Gradients that may be kept before they are added up: 256 MiB.</summary>
    private const long MostSums = 1 << 26;

    private const int MostLanes = 32;

    /// <summary>Blocks that a slice should have at most.</summary>
    private const int MostBlocksOfSlice = 64;

    // The largest second side of a grid on CUDA.
    private const int MostBlocks = 65535;

    private readonly OwnedBuffers _owned = new();
    private readonly QueueLimit _queue;
    private readonly LayerNetwork _network;
    private readonly DeviceChain _chain;
    private readonly NetworkEnds _ends;
    private readonly Targets _targets;
    private readonly DeviceParameters _parameters;
    private readonly Updating _kernels;
    private readonly int _lanes;
    private readonly GradientSlices _slices;
    private readonly int _batch;
    private readonly ArrayView<float> _input;
    private readonly ArrayView<float> _sums;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _gradient;
    private readonly int _blocks;
    private readonly MatrixLauncher? _matrices;
    private readonly DistortedImages? _distorted;
    private readonly DeviceTeacher? _teacher;

    /// <summary>Adds slices up with the other ranks; null where there are none.</summary>
    private readonly SharedSlices? _shared;

    /// <summary>Compiles the kernels, plans and allocates memory.</summary>
    /// <param name="loader">The device's kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="parameters">The parameters and the optimizer's state.</param>
    /// <param name="batch">Examples of the largest batch.</param>
    /// <param name="lanes">Examples of a block: threads of a group.</param>
    /// <param name="distorts">Whether images may be distorted.</param>
    /// <param name="available">Bytes that may be taken.</param>
    /// <param name="isGpu">Whether it is a GPU, not a processor.</param>
    /// <param name="preferred">Bytes that are best taken at a time, as those of a cache; a slice may be more.</param>
    /// <param name="sharing">How batches are cut, and who shares them.</param>
    /// <param name="teacher">What the network learns from beside the labels, as it asks for; null for nothing.</param>
    /// <exception cref="InvalidOperationException">Not even a slice of the batch fits into the memory, or there are no kernels of a layer.</exception>
    public NetworkLauncher(
        KernelLoader loader,
        LayerNetwork network,
        Optimizer optimizer,
        DeviceParameters parameters,
        int batch,
        int lanes,
        bool distorts,
        long available,
        bool isGpu,
        long preferred,
        BatchSharing sharing,
        Teacher? teacher)
    {
        _queue = new QueueLimit(loader.Accelerator);
        _network = network;
        _parameters = parameters;
        _batch = batch;
        _lanes = lanes;
        _slices = sharing.Slices;
        _shared = sharing.Ranks is null ? null : new SharedSlices(sharing.Ranks, network.ParameterCount);
        _targets = network.Loss.Targets(network.LabelSmoothing);
        (int Width, float Value) border = DeviceLayers.BorderBefore(network.Chain.Layers, 0);
        int places = DeviceLayers.Places(TensorShape.Image, border.Width);
        try
        {
            _kernels = new Updating { Loader = loader };
            optimizer.Accept(ref _kernels);
            _matrices = optimizer.UsesMatrices
                ? _owned.Add(new MatrixLauncher(loader, network.Parts, optimizer, parameters, isGpu, isPlanned: false))
                : null;
            loader.LoadAutoGrouped(KernelKind.Gradient, ParameterKernels.Gradient, out _kernels.Gradient);
            _chain = _owned.Add(new DeviceChain(loader, network.Chain, lanes));
            _ends = SizeTypes.Create<NetworkEnds>(
                typeof(NetworkEndsLauncher<,>), [SizeTypes.Of(lanes), DeviceLayers.Units(TensorShape.Image, lanes, border.Width)],
                loader, network.Loss);

            if (teacher is not null && network.Distillation is { } distillation)
            {
                _teacher = _owned.Add(new DeviceTeacher(loader, teacher, network.Loss, distillation, lanes));
            }

            long floats = _chain.FloatsOfExample + places + (distorts ? TensorShape.Image.Count : 0) + (_teacher?.FloatsOfExample ?? 0);
            int mostPlaces = Math.Max(Math.Max(places, _chain.MostPlaces), _teacher?.MostPlaces ?? 0);
            _blocks = PlanBlocks(floats, mostPlaces, available, preferred);
            Plan = new MemoryPlan(_blocks * lanes, _blocks * floats * lanes * sizeof(float));
            _input = Borders.Allocate(loader, _owned, _blocks, places, lanes, border);
            _chain.Allocate(_blocks);
            _teacher?.Allocate(_blocks);
            _distorted = distorts ? _owned.Add(new DistortedImages(loader, Plan.Stride, isByExample: false)) : null;
            _sums = _owned.Add(
                loader.Accelerator.Allocate1D<float>((long)GradientShares(batch) * network.ParameterCount)).View;
            _gradient = _owned.Add(loader.Accelerator.Allocate1D<float>(network.ParameterCount));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What a processor's caches hold, about: 8 MiB.</summary>
    public static long BytesInCache => 1 << 23;

    /// <summary>How much of a batch is on the device at a time.</summary>
    public MemoryPlan Plan { get; }

    /// <summary>Room for distorted images; null where there are none.</summary>
    public DistortedImages? Distorted => _distorted;

    /// <summary>Threads of a group.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="lanes">How many are asked for; 0 for what suits the device.</param>
    /// <exception cref="ArgumentOutOfRangeException">The device cannot have so many.</exception>
    public static int LanesFor(Accelerator accelerator, int lanes)
    {
        int possible = Math.Min(LaneSums.MostLanes, accelerator.MaxNumThreadsPerGroup);
        return lanes == 0 ? 1 << BitOperations.Log2((uint)Math.Min(MostLanes, possible))
            : lanes <= possible && BitOperations.IsPow2(lanes) ? lanes
            : throw new ArgumentOutOfRangeException(nameof(lanes), lanes, $"A group takes a power of 2 of threads, up to {possible}.");
    }

    /// <inheritdoc/>
    public int GradientShares(int count)
    {
        // Depends on the network and the batch alone, so that neither do the sum's bits on the memory.
        int blocks = BlocksOf(count);
        long wanted = Math.Max(_slices.Maximum, BlocksOf(blocks, MostBlocksOfSlice));
        return (int)Math.Clamp(Math.Min(wanted, MostSums / _network.ParameterCount), 1, blocks);
    }

    /// <inheritdoc/>
    public int EvaluationGroups(int examples) => BlocksOf(examples);

    /// <inheritdoc/>
    public void Launch(DeviceExamples block, ReadOnlySpan<PlannedStep> steps)
    {
        foreach (PlannedStep planned in steps)
        {
            SumGradients(block, planned);
            if (_matrices is not null)
            {
                _kernels.Gradient(_network.ParameterCount, Whole(planned.Step.Count), _matrices.Gradient);
                _matrices.Launch(planned.Step.Optimizer);
            }
            else
            {
                _kernels.Update(
                    _network.ParameterCount, Whole(planned.Step.Count), _parameters.Values, _parameters.State1,
                    _parameters.State2, planned.Step.Optimizer);
            }

            _queue.EndStep();
        }
    }

    /// <inheritdoc/>
    public float[] LaunchGradient(DeviceExamples block, in PlannedStep step)
    {
        SumGradients(block, step);
        _kernels.Gradient(_network.ParameterCount, Whole(step.Step.Count), _gradient.View);
        return _gradient.GetAsArray1D();
    }

    /// <inheritdoc/>
    public int LaunchEvaluation(DeviceExamples examples, ReadbackBuffer slot, int firstGroup)
    {
        for (int first = 0; first < examples.Count; first += _blocks * _lanes)
        {
            int count = Math.Min(_blocks * _lanes, examples.Count - first);
            DevicePass pass = PassOf(count, first, Perturbation.None) with { Parameters = _parameters.Evaluated.View };
            _ends.Load(pass, examples.Images.SubView(first), examples.Count, count);
            pass = pass with { Output = _chain.Forward(pass) };
            _ends.Evaluate(
                pass, examples.Labels.SubView(first), count, slot.Losses, slot.Misses, firstGroup + first / _lanes);
        }

        return BlocksOf(examples.Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Dispose();
        _owned.Dispose();
    }

    private static int BlocksOf(int count, int size) => (count + size - 1) / size;

    private int BlocksOf(int examples) => BlocksOf(examples, _lanes);

    /// <summary>How many blocks there is room for: whole slices of the batch.</summary>
    private int PlanBlocks(long floatsOfExample, int mostPlaces, long available, long preferred)
    {
        long bytesOfBlock = floatsOfExample * _lanes * sizeof(float);
        int slice = BlocksOf(BlocksOf(_batch), GradientShares(_batch));
        long fitting = Math.Min(available / bytesOfBlock, Math.Min(MostBlocks, int.MaxValue / ((long)mostPlaces * _lanes)));
        if (fitting < slice)
        {
            throw new InvalidOperationException(
                $"A slice of the batch, {(long)slice * _lanes:N0} examples, needs {slice * bytesOfBlock >> 20:N0} MiB of the "
                + $"device's memory; there is room for {fitting * bytesOfBlock >> 20:N0} MiB. Use a smaller --batch, or another device.");
        }

        return (int)Math.Min(BlocksOf(_batch), Math.Min(fitting, Math.Max(slice, preferred / bytesOfBlock)));
    }

    private void SumGradients(DeviceExamples block, in PlannedStep planned)
    {
        BatchStep step = planned.Step;
        BlockSlices slices = Slices(step.Count, 0);
        SliceSpan own = _shared?.Own(slices.Count) ?? new SliceSpan(0, slices.Count);
        for (int first = own.First, together; first < own.End; first += together)
        {
            together = 1;
            while (first + together < own.End
                && slices.StartOf(first + together + 1) - slices.StartOf(first) <= _blocks)
            {
                together++;
            }

            int from = slices.StartOf(first) * _lanes;
            int count = Math.Min(step.Count, slices.StartOf(first + together) * _lanes) - from;
            DevicePass pass = PassOf(count, step.Start + from, step.Perturbation) with
            {
                Slices = Slices(step.Count, first),
                SliceCount = together,
                OutputGradient = _chain.OutputGradient,
                IsTraining = step.Perturbation.Drops,
            };
            ArrayView<byte> labels = block.Labels.SubView(planned.Image + from);
            LoadImages(ref pass, block, planned.Image + from, count);
            pass = pass with { Output = _chain.Forward(pass) };
            if (_teacher is null)
            {
                _ends.Backward(pass, labels, count, _targets, 1f / step.Count);
            }
            else
            {
                _teacher.Backward(pass, labels, count, _targets, 1f / step.Count);
            }

            _chain.Backward(pass, wantsInput: false);
        }
    }

    private void LoadImages(ref DevicePass pass, DeviceExamples block, int image, int count)
    {
        ArrayView<float> images = block.Images.SubView(image);
        int stride = block.Count;
        if (pass.Perturbation.Distorts)
        {
            DistortedImages distorted = DistortedImages.Of(_distorted);
            distorted.Distort(block, image, pass.FirstExample, count, pass.Perturbation);
            pass = pass with { Perturbation = pass.Perturbation.OfUnits };
            (images, stride) = (distorted.Buffer.View, distorted.Stride);
        }

        _teacher?.See(pass, images, stride, count);
        _ends.Load(pass, images, stride, count);
    }

    private DevicePass PassOf(int count, int firstExample, in Perturbation perturbation) => new()
    {
        Input = _input,
        Parameters = _parameters.Values,
        Lanes = _lanes,
        Blocks = BlocksOf(count),
        FirstExample = firstExample,
        Perturbation = perturbation,
    };

    /// <summary>What an update adds up: the batch's slices; of several ranks' the sum, as its one slice.</summary>
    private BlockSlices Whole(int count)
    {
        if (_shared is null)
        {
            return Slices(count, 0);
        }

        // Into the first slice, which has been read by then.
        ArrayView<float> whole = _sums.SubView(0, _network.ParameterCount);
        _shared.Add(_sums, GradientShares(count), whole);
        return new(whole, _network.ParameterCount, BlocksOf(count), count: 1, first: 0);
    }

    private BlockSlices Slices(int count, int first) =>
        new(_sums, _network.ParameterCount, BlocksOf(count), GradientShares(count), first);

    private struct Updating : IOptimizerVisitor
    {
        public required KernelLoader Loader;
        public Action<Index1D, BlockSlices, ArrayView<float>> Gradient;
        public Action<Index1D, BlockSlices, ArrayView<float>, ArrayView<float>, ArrayView<float>, OptimizerConstants> Update;

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => Loader.LoadAutoGrouped(KernelKind.Update, ParameterKernels.Update<TRule>, out Update);

        public readonly void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule =>
            throw new NotSupportedException("Second derivatives are passed back by the network of 1989 alone.");

        /// <remarks>The step is <see cref="MatrixLauncher"/>'s.</remarks>
        public readonly void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule
        {
        }
    }
}
