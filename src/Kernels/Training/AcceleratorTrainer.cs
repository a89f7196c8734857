using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Profiling;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.FullBatch;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// Batch training by the kernels. Both splits, the parameters and the optimizer's state live on the device; a step only
/// launches kernels, and nothing is copied until somebody asks.
/// </summary>
public sealed class AcceleratorTrainer : IBatchTrainer
{
    // Twice as many may be queued: enough that a device never runs dry, few enough to follow.
    private const int StepsBetweenMilestones = 8;

    private readonly DeviceDescription _device;
    private readonly Accelerator _accelerator;
    private readonly Stack<IDisposable> _owned = new();
    private readonly ITrainingSet _set;
    private readonly DeviceExamples _sample;
    private readonly DeviceExamples _test;
    private readonly int _groupThreads;
    private KernelSet _kernels;
    private DeviceExamples? _block;
    private Examples? _loaded;
    private readonly int _readersOfMap;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _sources;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _readers;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _parameters;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _state1;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _state2;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _gradient;

    // Of weight normalization, null without: directions and biases, and (3, vectors) the lengths and their states.
    private readonly MemoryBuffer1D<float, Stride1D.Dense>? _directions;
    private readonly MemoryBuffer1D<float, Stride1D.Dense>? _lengths;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _sliceSums;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _activations;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _kept;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _deltas;
    private readonly MemoryBuffer1D<float, Stride1D.Dense>? _distorted;
    private readonly FusedStep? _fused;
    private readonly SnapshotSlot[] _slots;
    private readonly Queue<StreamMarker> _milestones = new();
    private int _stepsSinceMilestone;
    private int _snapshots;

    /// <summary>Compiles the kernels, plans and allocates memory, and copies the data over. Parameters begin at 0.</summary>
    /// <param name="discovery">Where the device was found; must outlive the trainer.</param>
    /// <param name="device">The device.</param>
    /// <param name="options">The network's activations and loss.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on; of a set in blocks, each is copied over when its turn comes.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="batch">Examples of the largest batch.</param>
    /// <param name="memoryLimit">The most bytes for activations and deltas; 0 for what the device has.</param>
    /// <param name="groupThreads">
    /// Threads that share a slice's examples in a sum, a power of 2; 0 for what suits the device. Tests give a processor as
    /// many as a GPU has.
    /// </param>
    /// <param name="distorts">Whether steps may have noise that distorts images, which takes a kernel and memory.</param>
    /// <param name="kernels">Which kernels take the steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kernels or the device cannot have so many threads a group.</exception>
    /// <exception cref="DeviceException">The device, its driver or its compiler failed.</exception>
    /// <exception cref="InvalidOperationException">
    /// Not even a slice of the batch fits into the memory, or the fused kernel was asked for and cannot train this.
    /// </exception>
    public AcceleratorTrainer(
        AcceleratorDiscovery discovery,
        DeviceDescription device,
        NetworkOptions options,
        OptimizerKind optimizer,
        ITrainingSet train,
        Examples test,
        int batch,
        long memoryLimit = 0,
        int groupThreads = 0,
        bool distorts = false,
        KernelChoice kernels = KernelChoice.Auto)
    {
        ArgumentNullException.ThrowIfNull(discovery);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        _device = device;
        _set = train;
        _accelerator = discovery.Open(device);
        try
        {
            _kernels = KernelSet.Load<Network1989>(_accelerator, options, optimizer, distorts);
            _sample = Own(new DeviceExamples(_accelerator, train.Sample));
            _test = Own(new DeviceExamples(_accelerator, test));
            _groupThreads = GroupThreads(_accelerator, device.IsGpu, groupThreads);
            _sources = Own(_accelerator.Allocate1D(ConnectionTables.Sources(options.Connections)));
            _readers = Own(_accelerator.Allocate1D(ConnectionTables.Readers(options.Connections, out _readersOfMap)));
            int parameters = Layout<Network1989>.Parameters;
            _parameters = Own(_accelerator.Allocate1D<float>(parameters));
            _state1 = Own(_accelerator.Allocate1D<float>(parameters));
            _state2 = Own(_accelerator.Allocate1D<float>(parameters));
            _gradient = Own(_accelerator.Allocate1D<float>(parameters));
            if (options.WeightNormalization)
            {
                _directions = Own(_accelerator.Allocate1D<float>(parameters));
                _lengths = Own(_accelerator.Allocate1D<float>(3 * NormalizationKernels.Vectors<Network1989>()));
            }

            _sliceSums = Own(_accelerator.Allocate1D<float>(GradientSlices.Maximum * parameters));

            int rows = Layout<Network1989>.Rows;
            int keptRows = Layout<Network1989>.H2Units;
            long available = memoryLimit > 0 ? memoryLimit : Available(_accelerator);
            int imageRows = distorts ? Shape1989.InputUnits : 0;
            Plan = MemoryPlan.For(batch, (2L * rows + keptRows + imageRows) * sizeof(float), available);
            _activations = Own(_accelerator.Allocate1D<float>((long)rows * Plan.Stride));
            _deltas = Own(_accelerator.Allocate1D<float>((long)rows * Plan.Stride));
            _kept = Own(_accelerator.Allocate1D<float>((long)keptRows * Plan.Stride));
            _distorted = distorts ? Own(_accelerator.Allocate1D<float>((long)imageRows * Plan.Stride)) : null;
            if (IsFused(kernels, options, batch, distorts))
            {
                _fused = Own(new FusedStep(_accelerator, options, optimizer));
            }

            int groups = Groups(train.Sample.Count) + Groups(test.Count);
            _slots = [Own(new SnapshotSlot(_accelerator, groups)), Own(new SnapshotSlot(_accelerator, groups))];
        }
        catch (Exception failure)
        {
            Dispose();
            if (DeviceException.IsOfDriver(failure))
            {
                throw DeviceException.For(device, failure);
            }

            throw;
        }
    }

    /// <summary>How much of a batch is on the device at a time.</summary>
    public MemoryPlan Plan { get; }

    /// <summary>Why the fused kernel cannot train a network on a device; null if it can.</summary>
    /// <param name="discovery">Where the device was found.</param>
    /// <param name="device">The device.</param>
    /// <param name="options">The network.</param>
    /// <exception cref="DeviceException">Its driver refuses.</exception>
    public static string? FusedObstacle(
        AcceleratorDiscovery discovery, DeviceDescription device, NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(discovery);
        return FusedStep.Obstacle(discovery.Open(device), options);
    }

    /// <summary>Whether steps are two launches of <see cref="Fused.FusedKernels"/> instead of one a layer and direction.</summary>
    public bool IsFusedStep => _fused is not null;

    /// <summary>Into how many sums a batch's gradient is shared before they are added up.</summary>
    /// <param name="count">The batch's examples.</param>
    internal int GradientShares(int count) => _fused?.Shares(count) ?? GradientSlices.Count(count);

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters)
    {
        float[] values = parameters.ToArray();
        Guard(() =>
        {
            _parameters.CopyFromCPU(values);
            _fused?.Load(values);
            _state1.MemSetToZero();
            _state2.MemSetToZero();
            _directions?.CopyFromCPU(values);
            _lengths?.CopyFromCPU(
            [
                .. UnitWeights.All.Select(weights => weights.Length(values)),
                .. new float[2 * UnitWeights.All.Count],
            ]);
            _accelerator.Synchronize();
        });
    }

    /// <inheritdoc/>
    public void Store(Span<float> parameters) => Guard(() => _parameters.GetAsArray1D()).CopyTo(parameters);

    /// <inheritdoc/>
    public void LoadState(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Load(state.Parameters);
        Guard(() =>
        {
            _state1.CopyFromCPU(state.First);
            _state2.CopyFromCPU(state.Second);
            _directions?.CopyFromCPU(state.Directions!);
            _lengths?.CopyFromCPU(state.Lengths!);
            _accelerator.Synchronize();
        });
    }

    /// <inheritdoc/>
    public TrainingState SaveState() => Guard(() => new TrainingState(
        _parameters.GetAsArray1D(), _state1.GetAsArray1D(), _state2.GetAsArray1D())
    {
        Directions = _directions?.GetAsArray1D(),
        Lengths = _lengths?.GetAsArray1D(),
    });

    /// <inheritdoc/>
    public void Step(int start, int count, in OptimizerStep step, in Noise noise)
    {
        OptimizerStep constants = step;
        Noise drawn = noise;
        Guard(() =>
        {
            if (_fused is not null)
            {
                _fused.Update(
                    SumFusedGradients(_fused, start, count, drawn), _parameters.View, _state1.View, _state2.View, constants);
                KeepQueueShort();
                return;
            }

            SumGradients(start, count, drawn);
            if (_directions is not null)
            {
                StepNormalized(count, constants);
            }
            else
            {
                _kernels.Update(
                    Layout<Network1989>.Parameters, Slices(count, 0), _parameters.View, _state1.View, _state2.View,
                    constants);
            }

            KeepQueueShort();
        });
    }

    /// <summary>From the slices' gradients to a step on lengths, directions and biases, and to the weights they make.</summary>
    private void StepNormalized(int count, in OptimizerStep step)
    {
        KernelConfig grid = new(NormalizationKernels.Vectors<Network1989>(), _groupThreads);
        _kernels.Gradient(Layout<Network1989>.Parameters, Slices(count, 0), _gradient.View);
        _kernels.Project!(grid, _lengths!.View, _directions!.View, _gradient.View, step);

        // The projected gradient, as the one slice of a batch.
        SliceSums projected = new(_gradient.View, count, count: 1, first: 0);
        _kernels.Update(
            Layout<Network1989>.Parameters, projected, _directions.View, _state1.View, _state2.View, step);
        _parameters.View.CopyFrom(_directions.View);
        _kernels.Scale!(grid, _lengths.View, _directions.View, _parameters.View);
    }

    /// <inheritdoc/>
    public void Gradient(int start, int count, in Noise noise, Span<float> gradient)
    {
        Noise drawn = noise;
        Guard(() =>
        {
            if (_fused is not null)
            {
                return _fused.Gradient(SumFusedGradients(_fused, start, count, drawn));
            }

            SumGradients(start, count, drawn);
            _kernels.Gradient(Layout<Network1989>.Parameters, Slices(count, 0), _gradient.View);
            return _gradient.GetAsArray1D();
        }).CopyTo(gradient);
    }

    /// <inheritdoc/>
    public Evaluation Evaluate(Split split) => Guard(() =>
    {
        SnapshotSlot slot = _slots[0];
        slot.Wait();
        DeviceExamples examples = split == Split.Train ? _sample : _test;
        int groups = EnqueueEvaluation(examples, slot, 0);
        return slot.ReadSums(_accelerator, 0, groups, examples.Count);
    });

    /// <inheritdoc/>
    /// <remarks>Two can be under way; a third waits for the first.</remarks>
    public Task<Snapshot> SnapshotAsync()
    {
        SnapshotSlot slot = _slots[_snapshots++ % _slots.Length];
        return Guard(() =>
        {
            slot.Wait();
            StreamMarker stepsDone = StreamMarker.After(_accelerator);
            int trainGroups = EnqueueEvaluation(_sample, slot, 0);
            int groups = trainGroups + EnqueueEvaluation(_test, slot, trainGroups);
            slot.EnqueueCopy(_parameters);
            StreamMarker done = StreamMarker.After(_accelerator);
            return slot.Answer(() => Guard(() =>
            {
                using (stepsDone)
                using (done)
                {
                    long stepsDoneAt = stepsDone.Wait();
                    long doneAt = done.Wait();
                    return new Snapshot(
                        slot.Sums(0, trainGroups, _sample.Count), slot.Sums(trainGroups, groups, _test.Count),
                        slot.Parameters(), stepsDoneAt, doneAt);
                }
            }));
        });
    }

    /// <inheritdoc/>
    public void Wait() => Guard(_accelerator.Synchronize);

    /// <summary>Times every kernel that some work launches.</summary>
    /// <param name="work">Steps or evaluations of this trainer.</param>
    /// <returns>Every launch, in order.</returns>
    /// <exception cref="InvalidOperationException">The device is an OpenCL one that was not opened for profiling.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    internal IReadOnlyList<KernelTime> Profile(Action work)
    {
        KernelSet untimed = _kernels;
        return Guard(() =>
        {
            _accelerator.Synchronize();
            using KernelClock clock = new(_accelerator);
            _kernels = untimed.TimedBy(clock);
            if (_fused is not null)
            {
                _fused.Clock = clock;
            }

            try
            {
                work();
                return clock.Read();
            }
            finally
            {
                _kernels = untimed;
                if (_fused is not null)
                {
                    _fused.Clock = null;
                }
            }
        });
    }

    /// <summary>The activations and deltas of training examples, for verification.</summary>
    /// <returns>Two arrays (1000, count) in the order H1, H2, H3, output.</returns>
    internal (float[] Activations, float[] Deltas) Trace(int start, int count, in Noise noise)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Plan.Stride);
        Noise drawn = noise;
        return Guard(() =>
        {
            DeviceExamples block = BlockOf(start, count, out int index);
            Batch batch = Distorted(BatchOf(block, index, start, count, drawn, _deltas.View), ref drawn);
            Forward(batch, drawn);
            BackwardDeltas(batch, drawn, 1f / count);
            return (Rows(_activations, Layout<Network1989>.Rows, count), Rows(_deltas, Layout<Network1989>.Rows, count));
        });
    }

    /// <summary>Training images as the noise distorts them, for verification.</summary>
    /// <returns>(256, count).</returns>
    internal float[] TraceDistorted(int start, int count, in Noise noise)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Plan.Stride);
        Noise drawn = noise;
        return Guard(() =>
        {
            DeviceExamples block = BlockOf(start, count, out int index);
            Distorted(BatchOf(block, index, start, count, drawn, _deltas.View), ref drawn);
            return Rows(_distorted!, Shape1989.InputUnits, count);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SnapshotSlot slot in _slots ?? [])
        {
            slot.Wait();
        }

        while (_milestones.TryDequeue(out StreamMarker? milestone))
        {
            milestone.Dispose();
        }

        // The accelerator stays open for the next one, with its kernels compiled.
        while (_owned.TryPop(out IDisposable? buffer))
        {
            buffer.Dispose();
        }
    }

    private T Own<T>(T buffer)
        where T : IDisposable
    {
        _owned.Push(buffer);
        return buffer;
    }

    /// <summary>
    /// Threads that share a slice's examples in a sum. A GPU hides its latencies with many; a processor runs them one
    /// after the other, and the fewer there are, the less is left to add up across them.
    /// </summary>
    private static int GroupThreads(Accelerator accelerator, bool isGpu, int groupThreads)
    {
        const int ProcessorThreads = 16;
        int possible = Math.Min(GroupSums.MostThreads, accelerator.MaxNumThreadsPerGroup);
        if (groupThreads != 0)
        {
            return groupThreads <= possible && System.Numerics.BitOperations.IsPow2(groupThreads)
                ? groupThreads
                : throw new ArgumentOutOfRangeException(
                    nameof(groupThreads), groupThreads, $"A group takes a power of 2 of threads, up to {possible}.");
        }

        int most = isGpu ? possible : Math.Min(ProcessorThreads, possible);
        return (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(most + 1)) / 2;
    }

    private static long Available(Accelerator accelerator) =>
        // A single buffer of OpenCL may take a quarter of the memory; activations and deltas are two.
        Math.Min(accelerator.MemorySize, 1L << 40) / 2;

    /// <summary>
    /// Lets the host run ahead of the device by some steps and no more, so that progress means something and Ctrl-C does
    /// not wait for a long queue.
    /// </summary>
    private void KeepQueueShort()
    {
        if (++_stepsSinceMilestone < StepsBetweenMilestones)
        {
            return;
        }

        _stepsSinceMilestone = 0;
        _milestones.Enqueue(StreamMarker.After(_accelerator));
        if (_milestones.Count > 1)
        {
            using StreamMarker oldest = _milestones.Dequeue();
            oldest.Wait();
        }
    }

    private int Groups(int examples) => examples / _groupThreads + examples / Plan.Stride + 2;

    /// <summary>Queues the evaluation of a whole split.</summary>
    /// <returns>How many groups' sums there will be, from the first one on.</returns>
    private int EnqueueEvaluation(DeviceExamples examples, SnapshotSlot slot, int firstGroup)
    {
        int groups = 0;
        for (int first = 0; first < examples.Count; first += Plan.Stride)
        {
            int count = Math.Min(Plan.Stride, examples.Count - first);
            Batch batch = BatchOf(examples, first, first, count, Noise.None, _deltas.View.SubView(0, 0));
            Forward(batch, Noise.None);
            int launched = (batch.Count + _groupThreads - 1) / _groupThreads;
            _kernels.Evaluate((launched, _groupThreads), batch, slot.Losses, slot.Misses, firstGroup + groups);
            groups += launched;
        }

        return groups;
    }

    private void SumGradients(int start, int count, in Noise noise)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _set.Count - start);
        DeviceExamples block = BlockOf(start, count, out int index);
        int slices = GradientSlices.Count(count);
        for (int first = 0, together; first < slices; first += together)
        {
            together = Plan.SlicesFrom(first, count);
            int from = GradientSlices.Start(first, count);
            int to = GradientSlices.Start(first + together, count);
            Noise drawn = noise;
            Batch batch = Distorted(
                BatchOf(block, index + from, start + from, to - from, noise, _deltas.View), ref drawn);
            Forward(batch, drawn);
            BackwardDeltas(batch, drawn, 1f / count);
            BackwardWeights(batch, drawn, Slices(count, first), together);
        }
    }

    /// <summary>Leaves the shares of a batch's gradient; returns how many there are.</summary>
    private int SumFusedGradients(FusedStep fused, int start, int count, Noise noise)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _set.Count - start);
        DeviceExamples block = BlockOf(start, count, out int index);
        Batch batch = Distorted(BatchOf(block, index, start, count, noise, default), ref noise);
        return fused.SumGradients(fused.BatchOf(batch, _parameters.View, _sources.View), noise);
    }

    /// <summary>
    /// Whether the fused kernel takes the steps: on a GPU, or where it was asked for, and where it can. Distorted images of
    /// a whole batch must fit into the memory at once.
    /// </summary>
    private bool IsFused(KernelChoice kernels, NetworkOptions options, int batch, bool distorts)
    {
        if (kernels == KernelChoice.Layers || (kernels == KernelChoice.Auto && !_device.IsGpu))
        {
            return false;
        }

        string? obstacle = FusedStep.Obstacle(_accelerator, options)
            ?? (distorts && Plan.Stride < batch ? "the batch's distorted images do not fit into the memory at once" : null);
        return kernels == KernelChoice.Auto || obstacle is null
            ? obstacle is null
            : throw new InvalidOperationException($"The fused kernel cannot train this: {obstacle}.");
    }

    private void Forward(Batch batch, in Noise noise)
    {
        _kernels.H1Forward(
            new Index2D(batch.Count, H1Kernels.ForwardTiles<Network1989>()), batch, _parameters.View, noise);
        _kernels.H2Forward(
            new Index2D(batch.Count, H2Kernels.ForwardTiles<Network1989>()), batch, _parameters.View, _sources.View, noise);
        _kernels.H3Forward(new Index2D(batch.Count, H3Kernels.ForwardTiles<Network1989>()), batch, _parameters.View);
        _kernels.OutputForward(new Index2D(batch.Count, Layout<Network1989>.Outputs), batch, _parameters.View);
    }

    private void BackwardDeltas(Batch batch, in Noise noise, float scale)
    {
        _kernels.OutputBackward(batch.Count, batch, _parameters.View, _kernels.Targets, scale);
        _kernels.H3BackwardInput(
            new Index2D(batch.Count, H3Kernels.InputTiles<Network1989>()), batch, _parameters.View, noise);
        _kernels.H2BackwardInput(
            new Index2D(batch.Count, H2Kernels.InputTiles<Network1989>()), batch, _parameters.View, _readers.View,
            _readersOfMap);
    }

    private void BackwardWeights(Batch batch, in Noise noise, SliceSums slices, int together)
    {
        _kernels.H1BackwardWeights(Grid(H1Kernels.WeightTiles<Network1989>()), batch, slices, noise);
        _kernels.H2BackwardWeights(Grid(H2Kernels.WeightTiles<Network1989>()), batch, _sources.View, slices);
        _kernels.DenseBackwardWeights(Grid(DenseWeightKernels.Tiles<Network1989>()), batch, slices);
        _kernels.BiasBackward(Grid(BiasKernels.Tiles<Network1989>()), batch, slices);

        KernelConfig Grid(int tiles) => new(new Index2D(tiles, together), new Index2D(_groupThreads, 1));
    }

    private SliceSums Slices(int count, int first) =>
        new(_sliceSums.View, count, GradientSlices.Count(count), first);

    /// <summary>The block with a batch, on the device: the whole set, or one that is copied over now.</summary>
    private DeviceExamples BlockOf(int start, int count, out int index)
    {
        Examples block = _set.BlockOf(start, out index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, block.Count - index);
        if (block == _set.Sample)
        {
            return _sample;
        }

        if (_block is null)
        {
            _block = Own(new DeviceExamples(_accelerator, block));
        }
        else if (_loaded != block)
        {
            _block.Replace(block);
        }

        _loaded = block;
        return _block;
    }

    private Batch BatchOf(
        DeviceExamples examples, int index, int place, int count, in Noise noise, ArrayView<float> deltas)
    {
        long h2 = (long)Layout<Network1989>.H2Row * Plan.Stride;
        ArrayView<float> kept = noise.Drops
            ? _kept.View
            : _activations.View.SubView(h2, (long)Layout<Network1989>.H2Units * Plan.Stride);
        return new Batch(
            examples.Images.SubView(index), examples.Labels.SubView(index), examples.Count, place, count,
            _activations.View, kept, deltas, Plan.Stride);
    }

    /// <summary>Where the noise distorts images: distorts them, for kernels that then hear of the rest of the noise only.</summary>
    private Batch Distorted(Batch batch, ref Noise noise)
    {
        if (!noise.Distorts)
        {
            return batch;
        }

        if (_kernels.Distort is null || _distorted is null)
        {
            throw new InvalidOperationException("This trainer was created for noise that does not distort images.");
        }

        _kernels.Distort(new Index2D(batch.Count, Shape1989.InputSize), batch, _distorted.View, noise);
        noise = noise.OfUnits;
        return new Batch(
            _distorted.View, batch.Labels, Plan.Stride, batch.First, batch.Count, batch.Activations, batch.Kept,
            batch.Deltas, Plan.Stride);
    }

    private float[] Rows(MemoryBuffer1D<float, Stride1D.Dense> buffer, int rowCount, int count)
    {
        float[] whole = buffer.GetAsArray1D();
        float[] rows = new float[rowCount * count];
        for (int row = 0; row < rowCount; row++)
        {
            whole.AsSpan(row * Plan.Stride, count).CopyTo(rows.AsSpan(row * count));
        }

        return rows;
    }

    private void Guard(Action work) => Guard(() =>
    {
        work();
        return 0;
    });

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (DeviceException.IsOfDriver(failure))
        {
            throw DeviceException.For(_device, failure);
        }
    }
}
