using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Profiling;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Model.Training;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// Batch training by the kernels. Both splits, the parameters and the optimizer's state live on the device; a step only
/// launches kernels, and nothing is copied until somebody asks.
/// </summary>
public sealed class AcceleratorTrainer : ITrainer, IStepTrace
{
    private readonly DeviceDescription _device;
    private readonly DeviceGuard _guard;
    private readonly KernelLoader _loader;
    private readonly Accelerator _accelerator;
    private readonly OwnedBuffers _owned = new();
    private readonly ITrainingSet _set;
    private readonly DeviceExamples _sample;
    private readonly IRanks? _ranks;

    /// <summary>What this process evaluates of the sample and of the test split; null for nothing.</summary>
    private readonly DeviceExamples? _ownSample;
    private readonly DeviceExamples? _ownTest;
    private readonly int _testCount;
    private readonly DeviceParameters _parameters;
    private readonly DistortedImages? _distorted;
    private readonly NetworkOptions? _options;
    private readonly bool _isByExample;
    private readonly int _batch;
    private readonly IStepLauncher _launcher;
    private readonly LayerLauncher? _layers;
    private readonly ReadbackBuffer[] _slots;

    /// <summary>Makes the average that evaluations take; null where they take the parameters.</summary>
    private readonly Action<Index1D, ArrayView<float>, ArrayView<float>, ParameterPlaces>? _average;
    private readonly Optimizer _optimizer;
    private readonly Func<INetwork> _createHostNetwork;
    private DeviceExamples? _block;
    private Examples? _loaded;
    private int _snapshots;

    /// <summary>Compiles the kernels of 1989's network, allocates memory, and copies the data over. Parameters begin at 0.</summary>
    /// <param name="discovery">Where the device was found; must outlive the trainer.</param>
    /// <param name="device">The device.</param>
    /// <param name="options">The network's activations and loss.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on; of a set in blocks, each is copied over when its turn comes.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="batch">Examples of the largest batch.</param>
    /// <param name="memoryLimit">The most bytes for activations and deltas; 0 for what the device has.</param>
    /// <param name="distorts">Whether steps may have perturbation that distorts images, which takes a kernel and memory.</param>
    /// <param name="kernels">Which kernels take the steps.</param>
    /// <exception cref="NotSupportedException">
    /// The network's shape is not that of 1989, its loss does not go with its outputs, or its normalized weights not with the optimizer.
    /// </exception>
    /// <exception cref="DeviceException">The device, its driver or its compiler failed.</exception>
    /// <exception cref="InvalidOperationException">
    /// Not even a slice of the batch fits into the memory, or the fused kernel was asked for and cannot train this.
    /// </exception>
    public AcceleratorTrainer(
        AcceleratorDiscovery discovery,
        DeviceDescription device,
        NetworkOptions options,
        Optimizer optimizer,
        ITrainingSet train,
        Examples test,
        int batch,
        long memoryLimit = 0,
        bool distorts = false,
        KernelChoice kernels = KernelChoice.Auto)
        : this(
            discovery, device, options, optimizer, train, test, batch, memoryLimit, groupThreads: 0, distorts, kernels,
            sharing: default)
    {
    }

    /// <summary>The same for any network, whose kernels are compiled for its layers' sizes.</summary>
    /// <param name="discovery">Where the device was found; must outlive the trainer.</param>
    /// <param name="device">The device.</param>
    /// <param name="network">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on; of a set in blocks, each is copied over when its turn comes.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="batch">Examples of the largest batch.</param>
    /// <param name="memoryLimit">The most bytes for activations and gradients; 0 for what the device has.</param>
    /// <param name="distorts">Whether steps may have perturbation that distorts images, which takes a kernel and memory.</param>
    /// <exception cref="DeviceException">The device, its driver or its compiler failed.</exception>
    /// <exception cref="InvalidOperationException">
    /// Not even a slice of the batch fits into the memory, or there are no kernels of one of the layers.
    /// </exception>
    public AcceleratorTrainer(
        AcceleratorDiscovery discovery,
        DeviceDescription device,
        LayerNetwork network,
        Optimizer optimizer,
        ITrainingSet train,
        Examples test,
        int batch,
        long memoryLimit = 0,
        bool distorts = false)
        : this(discovery, device, network, optimizer, train, test, batch, memoryLimit, lanes: 0, distorts, sharing: default)
    {
    }

    /// <summary>The same with all that the program asks for.</summary>
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
    /// <param name="distorts">Whether steps may have perturbation that distorts images, which takes a kernel and memory.</param>
    /// <param name="kernels">Which kernels take the steps.</param>
    /// <param name="sharing">
    /// How batches are cut, and who shares them; as usual and nobody unless told. Ranks take steps by kernels per layer.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The kernels or the device cannot have so many threads a group.</exception>
    /// <exception cref="NotSupportedException">The network's shape is not that of 1989, or it is to learn from a teacher.</exception>
    /// <exception cref="DeviceException">The device, its driver or its compiler failed.</exception>
    /// <exception cref="InvalidOperationException">
    /// Not even a slice of the batch fits into the memory, or the fused kernel was asked for and cannot train this.
    /// </exception>
    [OverloadResolutionPriority(1)]
    internal AcceleratorTrainer(
        AcceleratorDiscovery discovery,
        DeviceDescription device,
        NetworkOptions options,
        Optimizer optimizer,
        ITrainingSet train,
        Examples test,
        int batch,
        long memoryLimit = 0,
        int groupThreads = 0,
        bool distorts = false,
        KernelChoice kernels = KernelChoice.Auto,
        BatchSharing sharing = default)
        : this(discovery, device, optimizer, train, batch, sharing.Ranks)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(test);
        if (options.Shape.UnsupportedReason is { } reason)
        {
            throw new NotSupportedException($"The kernels cannot train a network of this shape: {reason}.");
        }

        if (options.WeightNormalization && optimizer.UnsupportedByNormalization is { } unsupported)
        {
            throw new NotSupportedException($"Normalized weights cannot be trained by {optimizer}: {unsupported}.");
        }

        if (options.Distillation is not null)
        {
            throw new NotSupportedException("Kernels that are cut for 1989 know no teacher; those compiled for a network's layers do.");
        }

        _options = options;
        _createHostNetwork = () => SimdNetwork.Create(options);
        try
        {
            long available = memoryLimit > 0 ? memoryLimit : Available(_accelerator);
            int bytesOfImage = distorts ? Shape1989.InputUnits * sizeof(float) : 0;
            FusedForm? form = sharing.Ranks is null
                ? FusedFormOf(kernels, options, optimizer, batch * (long)bytesOfImage <= available)
                : null;
            _isByExample = form is not null;
            Kernels = form is null ? KernelChoice.Layers : form == FusedForm.Tensor ? KernelChoice.Tensor : KernelChoice.Fused;
            _sample = _owned.Add(new DeviceExamples(_accelerator, train.Sample, _isByExample));
            _parameters = _owned.Add(
                new DeviceParameters(
                    _accelerator, Parameters.Count, form, options.WeightNormalization, optimizer.EvaluatesAverage));
            if (form is not null)
            {
                Plan = new MemoryPlan(batch, batch * (long)bytesOfImage);
                _distorted = distorts ? _owned.Add(new DistortedImages(_loader, Plan.Stride, isByExample: true)) : null;
                FusedLauncher fused = _owned.Add(new FusedLauncher(
                    _loader, device.IsGpu, form, options, optimizer, _parameters, _distorted, batch));
                fused.Record(_sample);
                _launcher = fused;
            }
            else
            {
                Plan = MemoryPlan.For(batch, LayerLauncher.BytesOfExample(optimizer) + bytesOfImage, available, sharing.Slices);
                _distorted = distorts ? _owned.Add(new DistortedImages(_loader, Plan.Stride, isByExample: false)) : null;
                _launcher = _layers = _owned.Add(new LayerLauncher(
                    _loader, options, optimizer, _parameters, _distorted, Plan,
                    GroupThreads(_accelerator, device.IsGpu, groupThreads), device.IsGpu, sharing));
            }

            (_ownSample, _ownTest, _testCount) = OwnEvaluation(train.Sample, test);
            _slots = Slots(Parameters.Count);
            _average = LoadAverage(optimizer);
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

    /// <summary>The same for any network, with all that the program asks for.</summary>
    /// <param name="discovery">Where the device was found; must outlive the trainer.</param>
    /// <param name="device">The device.</param>
    /// <param name="network">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on; of a set in blocks, each is copied over when its turn comes.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="batch">Examples of the largest batch.</param>
    /// <param name="memoryLimit">The most bytes for activations and gradients; 0 for what the device has.</param>
    /// <param name="lanes">Threads of a group, an example each, a power of 2; 0 for what suits the device.</param>
    /// <param name="distorts">Whether steps may have perturbation that distorts images, which takes a kernel and memory.</param>
    /// <param name="sharing">
    /// How batches are cut, and who shares them; as usual and nobody unless told. Ranks take steps by kernels per layer.
    /// </param>
    /// <param name="teacher">What the network learns from beside the labels, as it asks for; null for nothing.</param>
    /// <exception cref="ArgumentException">There is a teacher and the network does not ask for one, or the other way round.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The device cannot have so many threads a group.</exception>
    /// <exception cref="DeviceException">The device, its driver or its compiler failed.</exception>
    /// <exception cref="InvalidOperationException">
    /// Not even a slice of the batch fits into the memory, or there are no kernels of one of the layers.
    /// </exception>
    [OverloadResolutionPriority(1)]
    internal AcceleratorTrainer(
        AcceleratorDiscovery discovery,
        DeviceDescription device,
        LayerNetwork network,
        Optimizer optimizer,
        ITrainingSet train,
        Examples test,
        int batch,
        long memoryLimit = 0,
        int lanes = 0,
        bool distorts = false,
        BatchSharing sharing = default,
        Teacher? teacher = null)
        : this(discovery, device, optimizer, train, batch, sharing.Ranks)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(test);
        Teacher.RequireBoth(teacher, network.Distillation);
        _createHostNetwork = () => new LayerClassifier(network);
        try
        {
            _sample = _owned.Add(new DeviceExamples(_accelerator, train.Sample, isByExample: false));
            _parameters = _owned.Add(
                new DeviceParameters(
                    _accelerator, network.ParameterCount, form: null, isNormalized: false, optimizer.EvaluatesAverage));
            NetworkLauncher launcher = _owned.Add(new NetworkLauncher(
                _loader, network, optimizer, _parameters, batch, NetworkLauncher.LanesFor(_accelerator, lanes), distorts,
                memoryLimit > 0 ? memoryLimit : Available(_accelerator), device.IsGpu,
                device.IsGpu ? long.MaxValue : NetworkLauncher.BytesInCache, sharing, teacher));
            Plan = launcher.Plan;
            _distorted = launcher.Distorted;
            _launcher = launcher;
            (_ownSample, _ownTest, _testCount) = OwnEvaluation(train.Sample, test);
            _slots = Slots(network.ParameterCount);
            _average = LoadAverage(optimizer);
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

    private AcceleratorTrainer(
        AcceleratorDiscovery discovery, DeviceDescription device, Optimizer optimizer, ITrainingSet train, int batch, IRanks? ranks)
    {
        ArgumentNullException.ThrowIfNull(discovery);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(train);
        _device = device;
        _guard = new DeviceGuard(device);
        _set = train;
        _batch = batch;
        _ranks = ranks;
        _optimizer = optimizer;
        _loader = discovery.Open(device);
        _accelerator = _loader.Accelerator;

        // Nobody reads what construction that failed did not make.
        _sample = null!;
        _parameters = null!;
        _launcher = null!;
        _createHostNetwork = null!;
        _slots = [];
        Plan = null!;
    }

    /// <summary>How much of a batch is on the device at a time.</summary>
    internal MemoryPlan Plan { get; }

    /// <summary>Why a fused kernel cannot train a network on a device; null if it can.</summary>
    /// <param name="kernels">Which: the one of float32, or the one on tensor cores.</param>
    /// <param name="discovery">Where the device was found.</param>
    /// <param name="device">The device.</param>
    /// <param name="options">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <exception cref="DeviceException">Its driver refuses.</exception>
    internal static string? FusedUnsupportedReason(
        KernelChoice kernels, AcceleratorDiscovery discovery, DeviceDescription device, NetworkOptions options, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(discovery);
        ArgumentNullException.ThrowIfNull(optimizer);
        return FusedLauncher.UnsupportedReason(
            FormOf(kernels), discovery.Open(device).Accelerator, options, optimizer);
    }

    /// <summary>Which kernels take the steps, never auto; null where they are compiled for the layers of any network.</summary>
    internal KernelChoice? Kernels { get; }

    /// <summary>Whether steps are two launches of <see cref="FusedKernels"/> instead of one per layer and direction.</summary>
    internal bool IsFusedStep => _isByExample;

    /// <inheritdoc/>
    public string? Note => Plan.Stride < _batch
        ? FormattableString.Invariant(
            $"memory: {_batch:N0} examples at a time do not fit; up to {Plan.Stride:N0} are processed ")
            + "together, which sum to the very same gradient"
        : _launcher.Note;

    /// <inheritdoc/>
    public int StepsAtOnce => _launcher.StepsAtOnce;

    /// <inheritdoc/>
    IStepTrace? ITrainer.Trace => _layers is null ? null : this;

    /// <summary>Into how many sums a batch's gradient is shared before they are added up.</summary>
    /// <param name="count">The batch's examples.</param>
    internal int GradientShares(int count) => _launcher.GradientShares(count);

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters)
    {
        VectorLength.Require(parameters.Length, _parameters.Count, nameof(parameters));
        float[] values = parameters.ToArray();
        _guard.Do(() =>
        {
            _parameters.Load(values);
            _accelerator.Synchronize();
        });
    }

    /// <inheritdoc/>
    public void Store(Span<float> parameters)
    {
        VectorLength.Require(parameters.Length, _parameters.Count, nameof(parameters));
        float[] values = _guard.Do(() =>
        {
            Average();
            return _parameters.Store();
        });
        values.CopyTo(parameters);
    }

    /// <summary>Creates the network as it is now, on the host: it classifies there, and what follows here does not change it.</summary>
    /// <returns>The network; to be disposed.</returns>
    /// <exception cref="DeviceException">The device failed.</exception>
    public INetwork CreateClassifier()
    {
        float[] parameters = new float[_parameters.Count];
        Store(parameters);
        INetwork network = _createHostNetwork();
        network.Load(parameters);
        return network;
    }

    /// <inheritdoc/>
    public void LoadState(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        VectorLength.Require(state.Parameters.Length, _parameters.Count, nameof(state));
        _guard.Do(() =>
        {
            _parameters.LoadState(state);
            _accelerator.Synchronize();
        });
    }

    /// <inheritdoc/>
    public TrainingState SaveState() => _guard.Do(_parameters.SaveState).Averaged(_optimizer);

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<BatchStep> steps)
    {
        while (!steps.IsEmpty)
        {
            if (steps[0].CurvatureExamples > 0)
            {
                EstimateCurvature(steps[0].CurvatureExamples);
            }

            // As many as have their batches in one block, up to one that wants an estimate first.
            Examples examples = _set.BlockOf(steps[0].Start, out _);
            List<PlannedStep> placed = [];
            while (placed.Count < steps.Length
                && (placed.Count == 0 || steps[placed.Count].CurvatureExamples == 0)
                && _set.BlockOf(steps[placed.Count].Start, out int index) == examples)
            {
                placed.Add(Placed(steps[placed.Count], examples, index));
            }

            _guard.Do(() => _launcher.Launch(OnDevice(examples), CollectionsMarshal.AsSpan(placed)));
            steps = steps[placed.Count..];
        }
    }

    /// <summary>
    /// Sets the means of second derivatives to those of some examples, by the host: it is a matter of milliseconds, and every
    /// accelerator then begins with the same.
    /// </summary>
    private void EstimateCurvature(int examples)
    {
        using SimdNetwork network = SimdNetwork.Create(_options!);
        network.Load(_guard.Do(_parameters.Store));
        network.EstimateCurvature(_set.Sample, examples);
        float[] means = network.SaveState().States[0];
        _guard.Do(() =>
        {
            _parameters.State1.CopyFromCPU(means);
            _accelerator.Synchronize();
        });
    }

    /// <inheritdoc/>
    public void Gradient(int start, int count, in Perturbation perturbation, Span<float> gradient)
    {
        VectorLength.Require(gradient.Length, _parameters.Count, nameof(gradient));
        PlannedStep step = Placed(start, count, perturbation, out Examples examples);
        _guard.Do(() => _launcher.LaunchGradient(OnDevice(examples), step)).CopyTo(gradient);
    }

    /// <inheritdoc/>
    public Evaluation Evaluate(Split split) => _guard.Do(() =>
    {
        ReadbackBuffer slot = _slots[0];
        slot.Wait();
        Average();
        int groups = LaunchEvaluation(split == Split.Train ? _ownSample : _ownTest, slot, 0);
        return slot.ReadSums(_accelerator, 0, groups, split == Split.Train ? _sample.Count : _testCount, _ranks);
    });

    /// <inheritdoc/>
    /// <remarks>Two can be under way; a third waits for the first. Several ranks wait for the answer here, and agree on it.</remarks>
    public Task<Snapshot> SnapshotAsync()
    {
        ReadbackBuffer slot = _slots[_snapshots++ % _slots.Length];
        return _guard.Do(() =>
        {
            slot.Wait();
            StreamMarker stepsDone = StreamMarker.After(_accelerator);
            Average();
            int trainGroups = LaunchEvaluation(_ownSample, slot, 0);
            int groups = trainGroups + LaunchEvaluation(_ownTest, slot, trainGroups);
            slot.EnqueueCopy(_parameters.Evaluated);
            StreamMarker done = StreamMarker.After(_accelerator);
            return _ranks is null ? slot.Answer(Answer) : Task.FromResult(Answer());

            Snapshot Answer() => _guard.Do(() =>
            {
                using (stepsDone)
                using (done)
                {
                    long stepsDoneAt = stepsDone.Wait();
                    long doneAt = done.Wait();
                    return new Snapshot(
                        slot.Sums(0, trainGroups, _sample.Count, _ranks), slot.Sums(trainGroups, groups, _testCount, _ranks),
                        slot.Parameters(), stepsDoneAt, doneAt);
                }
            });
        });
    }

    /// <inheritdoc/>
    public void Wait() => _guard.Do(_accelerator.Synchronize);

    /// <summary>Times every kernel that some work launches. Meanwhile nobody else may launch on the device.</summary>
    /// <param name="work">Steps or evaluations of this trainer.</param>
    /// <returns>Every launch, in order.</returns>
    /// <exception cref="InvalidOperationException">The device is an OpenCL one that was not opened for profiling.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    internal IReadOnlyList<KernelTime> Profile(Action work)
    {
        return _guard.Do(() =>
        {
            _accelerator.Synchronize();
            using KernelClock clock = new(_accelerator);
            _loader.Launched = clock.Add;
            try
            {
                work();
                return clock.Read();
            }
            finally
            {
                _loader.Launched = null;
            }
        });
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The fused kernels leave none.</exception>
    (float[] Activations, float[] Deltas) IStepTrace.Units(int start, int count, in Perturbation perturbation)
    {
        LayerLauncher layers = _layers
            ?? throw new InvalidOperationException("The fused kernels keep activations on the chip.");
        PlannedStep step = Placed(start, count, perturbation, out Examples examples);
        return _guard.Do(() => layers.Trace(OnDevice(examples), step));
    }

    /// <inheritdoc/>
    float[] IStepTrace.Images(int start, int count, in Perturbation perturbation)
    {
        DistortedImages distorted = DistortedImages.Of(_distorted);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, distorted.Stride);
        Perturbation drawn = perturbation;
        PlannedStep step = Placed(start, count, perturbation, out Examples examples);
        return _guard.Do(() =>
        {
            distorted.Distort(OnDevice(examples), step.Image, start, count, drawn);
            float[] whole = distorted.Buffer.GetAsArray1D();
            float[] images = new float[Shape1989.InputUnits * count];
            for (int pixel = 0; pixel < Shape1989.InputUnits; pixel++)
            {
                for (int place = 0; place < count; place++)
                {
                    images[pixel * count + place] = whole[distorted.IsByExample
                        ? ImagesByExample.Place(place, pixel, distorted.Stride)
                        : ImagesByPixel.Place(place, pixel, distorted.Stride)];
                }
            }

            return images;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ReadbackBuffer slot in _slots)
        {
            slot.Wait();
        }

        // The accelerator stays open for the next one, with its kernels compiled.
        _owned.Dispose();
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

    /// <summary>What this process evaluates: all, or of several ranks a share of whole groups, whose sums are then those of one.</summary>
    private (DeviceExamples? Sample, DeviceExamples? Test, int TestCount) OwnEvaluation(Examples sample, Examples test) => (
        _ranks is null ? _sample : OwnShare(sample), OwnShare(test), test.Count);

    private DeviceExamples? OwnShare(Examples examples)
    {
        // A multiple of any group's threads; a split that is evaluated in parts is cut between them.
        const int Groups = 256;
        int unit = Plan.Stride < examples.Count ? Plan.Stride : Groups;
        SliceSpan own = SliceSpan.Of(_ranks?.Rank ?? 0, _ranks?.Size ?? 1, (examples.Count + unit - 1) / unit);
        int first = Math.Min(own.First * unit, examples.Count);
        int end = Math.Min(own.End * unit, examples.Count);
        return first == end
            ? null
            : _owned.Add(new DeviceExamples(
                _accelerator,
                first == 0 && end == examples.Count ? examples : new Examples(
                    examples.Pixels[(first * Shape1989.InputUnits)..(end * Shape1989.InputUnits)], examples.Labels[first..end]),
                _isByExample));
    }

    private int LaunchEvaluation(DeviceExamples? examples, ReadbackBuffer slot, int firstGroup) =>
        examples is null ? 0 : _launcher.LaunchEvaluation(examples, slot, firstGroup);

    /// <summary>Two buffers in which a snapshot's numbers come back.</summary>
    private ReadbackBuffer[] Slots(int parameters)
    {
        int groups = Math.Max(
            1, (_ownSample is null ? 0 : _launcher.EvaluationGroups(_ownSample.Count))
            + (_ownTest is null ? 0 : _launcher.EvaluationGroups(_ownTest.Count)));
        return
        [
            _owned.Add(new ReadbackBuffer(_accelerator, groups, parameters)),
            _owned.Add(new ReadbackBuffer(_accelerator, groups, parameters)),
        ];
    }

    private Action<Index1D, ArrayView<float>, ArrayView<float>, ParameterPlaces>? LoadAverage(Optimizer optimizer)
    {
        if (!optimizer.EvaluatesAverage)
        {
            return null;
        }

        _loader.LoadAutoGrouped(
            KernelKind.Average, UpdateKernels.Average,
            out Action<Index1D, ArrayView<float>, ArrayView<float>, ParameterPlaces> average);
        return average;
    }

    /// <summary>Queues the average that the evaluations which follow take, where they take one.</summary>
    private void Average() => _average?.Invoke(
        (int)_parameters.Values.Length, _parameters.Values, _parameters.State1, _parameters.EvaluatedPlaces);

    private static long Available(Accelerator accelerator) =>
        // A single buffer of OpenCL may take a quarter of the memory; activations and deltas are two.
        Math.Min(accelerator.MemorySize, 1L << 40) / 2;

    /// <summary>
    /// Which fused kernels take the steps; null for those per layer. Fused ones do on all but ILGPU's CPU accelerator, whose threads
    /// meet at every barrier, or where they were asked for, and where they can. Distorted images of a whole batch must fit into the
    /// memory at once.
    /// </summary>
    private FusedForm? FusedFormOf(KernelChoice kernels, NetworkOptions options, Optimizer optimizer, bool imagesFit)
    {
        if (kernels == KernelChoice.Layers || (kernels == KernelChoice.Auto && _device.Kind == DeviceKind.Cpu))
        {
            return null;
        }

        FusedForm form = FormOf(kernels);
        string? reason = FusedLauncher.UnsupportedReason(form, _accelerator, options, optimizer)
            ?? (imagesFit ? null : "the batch's distorted images do not fit into the memory at once");
        return reason is null ? form
            : kernels == KernelChoice.Auto ? null
            : throw new InvalidOperationException(
                $"The {(form == FusedForm.Tensor ? "tensor" : "fused")} kernel cannot train this: {reason}.");
    }

    private static FusedForm FormOf(KernelChoice kernels) =>
        kernels == KernelChoice.Tensor ? FusedForm.Tensor : FusedForm.Float32;

    private PlannedStep Placed(int start, int count, in Perturbation perturbation, out Examples block)
    {
        block = _set.BlockOf(start, out int index);
        return Placed(new BatchStep(start, count, default, perturbation), block, index);
    }

    /// <summary>A step with its batch's place in a block.</summary>
    private PlannedStep Placed(in BatchStep step, Examples block, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step.Start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step.Count, _set.Count - step.Start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step.Count, block.Count - index);
        if (step.Perturbation.Distorts)
        {
            DistortedImages.Of(_distorted);
        }

        return new PlannedStep(index, index, step);
    }

    /// <summary>A block on the device: the whole set, or one that is copied over now.</summary>
    private DeviceExamples OnDevice(Examples block)
    {
        if (block == _set.Sample)
        {
            return _sample;
        }

        if (_block is null)
        {
            _block = _owned.Add(new DeviceExamples(_accelerator, block, _isByExample));
        }
        else if (_loaded != block)
        {
            _block.Replace(block);
        }

        _loaded = block;
        return _block;
    }
}
