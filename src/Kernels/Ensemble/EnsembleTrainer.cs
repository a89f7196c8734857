using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// Training per example of many seeds at once, by <see cref="EnsembleKernels"/>: what the vector path does for one seed, a
/// device does for as many as it has multiprocessors, and for more in turn. Not safe for use by several threads at once. The seeds know
/// nothing of each other; networks that answer as one are a <see cref="Model.Ensembles.EnsembleClassifier"/>.
/// </summary>
internal sealed class EnsembleTrainer : IDisposable
{
    /// <summary>
    /// Presentations of a launch. A launch costs a few microseconds and a copy of the parameters in and out, a thousandth of
    /// what these take; and even where they take a hundred times longer than on a large GPU, a launch stays below the second
    /// or two after which a system with a display takes the GPU away.
    /// </summary>
    public const int PresentationsPerLaunch = 1024;

    // A group's share of an evaluation: short enough that float32 sums lose nothing that is printed, long enough that
    // fetching the parameters does not count.
    private const int ExamplesPerShare = 512;

    // The optimizer's constants are copied over for so many presentations at a time.
    private const int MostSteps = 8 * PresentationsPerLaunch;

    private readonly int _examplesPerShare;
    private readonly DeviceGuard _guard;
    private readonly Accelerator _accelerator;
    private readonly OwnedBuffers _owned = new();
    private readonly ITrainingSet _set;
    private readonly DeviceExamples _sample;
    private readonly DeviceExamples _test;
    private readonly EnsembleKernelSet _kernels;
    private readonly Targets _targets;
    private readonly EnsembleTables _tables;
    private readonly MemoryBuffer1D<uint, Stride1D.Dense> _seeds;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _parameters;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _state1;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _state2;
    private readonly MemoryBuffer1D<OptimizerConstants, Stride1D.Dense> _steps;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _losses;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _misses;
    private DeviceExamples? _block;
    private Examples? _loaded;

    /// <summary>Compiles the kernels, allocates memory and copies the data over. All parameters begin at 0.</summary>
    /// <param name="discovery">Where the device was found; must outlive the trainer.</param>
    /// <param name="device">The device, against which <c>UnsupportedReason</c> has nothing.</param>
    /// <param name="options">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on, in the order of its presentation; of a set in blocks, each is copied over when
    /// its turn comes.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="members">How many seeds, one or more.</param>
    /// <param name="examplesPerShare">Examples that a group evaluates at most; tests share few among several groups.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no members.</exception>
    /// <exception cref="InvalidOperationException">The kernels cannot train the network, or not on the device.</exception>
    /// <exception cref="DeviceException">The device, its driver or its compiler failed, or has too little memory.</exception>
    public EnsembleTrainer(
        AcceleratorDiscovery discovery,
        DeviceDescription device,
        NetworkOptions options,
        OptimizerOptions optimizer,
        ITrainingSet train,
        Examples test,
        int members,
        int examplesPerShare = ExamplesPerShare)
    {
        ArgumentNullException.ThrowIfNull(discovery);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentOutOfRangeException.ThrowIfLessThan(members, 1);
        if (UnsupportedReason(discovery, device, options, optimizer.Kind) is { } reason)
        {
            throw new InvalidOperationException($"The replica kernels cannot train this: {reason}.");
        }

        _examplesPerShare = examplesPerShare;
        _guard = new DeviceGuard(device);
        _set = train;
        Members = members;
        KernelLoader loader = discovery.Open(device);
        _accelerator = loader.Accelerator;
        try
        {
            _kernels = EnsembleKernelSet.Load(loader, options, optimizer);
            _targets = options.Loss.Targets(options.LabelSmoothing);
            _sample = _owned.Add(new DeviceExamples(_accelerator, train.Sample, isByExample: true));
            _test = _owned.Add(new DeviceExamples(_accelerator, test, isByExample: true));
            _tables = new EnsembleTables(
                _owned.Add(_accelerator.Allocate1D(ConnectionTables.Sources(options.Connections))).View,
                _owned.Add(_accelerator.Allocate1D(ConnectionTables.GroupReaders(options.Connections, out int readersOfMap))).View,
                readersOfMap);
            long all = (long)members * Layout.Parameters;
            long states = EnsembleKernelSet.IsOnChip(optimizer) ? 0 : all;
            _seeds = _owned.Add(_accelerator.Allocate1D<uint>(members));
            _parameters = _owned.Add(_accelerator.Allocate1D<float>(all));
            _state1 = _owned.Add(_accelerator.Allocate1D<float>(Math.Max(1, states)));
            _state2 = _owned.Add(_accelerator.Allocate1D<float>(Math.Max(1, states)));
            _steps = _owned.Add(_accelerator.Allocate1D<OptimizerConstants>(MostSteps));
            _losses = _owned.Add(_accelerator.Allocate1D<float>((long)members * Sums));
            _misses = _owned.Add(_accelerator.Allocate1D<int>((long)members * Sums));
            HasStates = states > 0;
            _parameters.MemSetToZero();
            Begin();
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

    /// <summary>How many seeds there are.</summary>
    public int Members { get; }

    private bool HasStates { get; }

    private int TrainShares => Shares(_sample);

    /// <summary>A member's sums in an evaluation of both splits.</summary>
    private int Sums => TrainShares + Shares(_test);

    /// <summary>Why the kernels cannot train a network on a device; null if they can.</summary>
    /// <param name="discovery">Where the device was found.</param>
    /// <param name="device">The device.</param>
    /// <param name="options">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <exception cref="DeviceException">Its driver refuses.</exception>
    public static string? UnsupportedReason(
        AcceleratorDiscovery discovery, DeviceDescription device, NetworkOptions options,
        Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(discovery);
        return UnsupportedReason(options, optimizer)
            ?? OnChip.UnsupportedReason(discovery.Open(device).Accelerator, EnsembleKernels.Threads, EnsembleLayout.Bytes);
    }

    /// <summary>Why the kernels cannot train a network on any device; null if they can.</summary>
    /// <param name="options">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    public static string? UnsupportedReason(NetworkOptions options, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(optimizer);
        return OnChip.UnsupportedReason(options)
            ?? OnChip.UnsupportedReason(optimizer)
            ?? (optimizer.UsesMatrices ? $"{optimizer} moves whole weight matrices, for which there is no room on the chip"
                : optimizer.EvaluatesAverage ? $"{optimizer} has an average evaluated, for which there is no room on the chip"
                : null);
    }

    /// <summary>Gives a member its parameters and its seed. A run begins with this for each, then <see cref="Begin"/>.</summary>
    /// <param name="member">Which, from 0.</param>
    /// <param name="parameters">9,760 values in the order of <see cref="Parameters"/>.</param>
    /// <param name="seed">The seed of its perturbation.</param>
    /// <exception cref="ArgumentException">There are more or fewer parameters, or there is no such member.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public void Load(int member, ReadOnlySpan<float> parameters, uint seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(member);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(member, Members);
        ArgumentOutOfRangeException.ThrowIfNotEqual(parameters.Length, Parameters.Count);
        float[] values = parameters.ToArray();
        _guard.Do(() =>
        {
            _parameters.View.SubView((long)member * Parameters.Count, Parameters.Count).CopyFromCPU(values);
            _seeds.View.SubView(member, 1).CopyFromCPU([seed]);
            _accelerator.Synchronize();
        });
    }

    /// <summary>Forgets the optimizers' states.</summary>
    /// <exception cref="DeviceException">The device failed.</exception>
    public void Begin() => _guard.Do(() =>
    {
        _state1.MemSetToZero();
        _state2.MemSetToZero();
        _accelerator.Synchronize();
    });

    /// <summary>
    /// Takes steps of the optimizer, each by one example, which is presented to every member. Their perturbation is one of
    /// a kind: its seed is each member's own.
    /// </summary>
    /// <param name="steps">The steps of a run, one after the other: examples in the set's order, and its first after its
    /// last.</param>
    /// <param name="presented">Told, now and then, how many of these presentations are done; null for nobody.</param>
    /// <exception cref="ArgumentException">A perturbation distorts images, or a step looks at several examples.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public void Take(ReadOnlySpan<BatchStep> steps, Action<int>? presented = null)
    {
        foreach (ref readonly BatchStep step in steps)
        {
            if (step.Perturbation.Distorts)
            {
                throw new ArgumentException(
                    "An image that is turned, scaled or bent is read more than once, and there is no shared memory left for a "
                    + "second one.", nameof(steps));
            }

            if (step.Count != 1)
            {
                throw new ArgumentException($"A step looks at one example here, not at {step.Count}.", nameof(steps));
            }
        }

        BatchStep[] presentations = steps.ToArray();
        _guard.Do(() =>
        {
            Queue<(StreamMarker Marker, int Done)> launched = new();
            try
            {
                for (int done = 0; done < presentations.Length;)
                {
                    if (done % MostSteps == 0)
                    {
                        OptimizerConstants[] ahead = [.. presentations.Skip(done).Take(MostSteps).Select(step => step.Optimizer)];
                        _steps.View.SubView(0, ahead.Length).CopyFromCPU(ahead);
                    }

                    done += Launch(presentations, done);
                    launched.Enqueue((StreamMarker.After(_accelerator), done));

                    // One launch waits behind the one that runs, so that the device never does.
                    WaitFor(launched, 1, presented);
                }

                WaitFor(launched, 0, presented);
            }
            finally
            {
                while (launched.TryDequeue(out (StreamMarker Marker, int Done) left))
                {
                    left.Marker.Dispose();
                }
            }
        });
    }

    /// <summary>How every member stands: both splits' losses and misses, without perturbation, and the parameters.</summary>
    /// <returns>A snapshot per member.</returns>
    /// <exception cref="DeviceException">The device failed.</exception>
    public IReadOnlyList<Snapshot> Evaluate() => _guard.Do(() =>
    {
        _accelerator.Synchronize();
        long stepsDone = Stopwatch.GetTimestamp();
        LaunchEvaluation(_sample, 0);
        LaunchEvaluation(_test, TrainShares);
        _accelerator.Synchronize();
        long done = Stopwatch.GetTimestamp();
        float[] losses = _losses.GetAsArray1D();
        int[] misses = _misses.GetAsArray1D();
        float[] parameters = _parameters.GetAsArray1D();
        Snapshot[] snapshots = new Snapshot[Members];
        for (int member = 0; member < Members; member++)
        {
            int sums = member * Sums;
            int own = member * Parameters.Count;
            snapshots[member] = new Snapshot(
                Sum(losses, misses, sums, sums + TrainShares, _sample.Count),
                Sum(losses, misses, sums + TrainShares, sums + Sums, _test.Count),
                parameters[own..(own + Parameters.Count)], stepsDone, done);
        }

        return snapshots;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _block?.Dispose();
        _owned.Dispose();
    }

    private int Shares(DeviceExamples examples) => (examples.Count + _examplesPerShare - 1) / _examplesPerShare;

    private static Evaluation Sum(float[] losses, int[] misses, int first, int end, int examples)
    {
        double loss = 0;
        int missed = 0;
        for (int share = first; share < end; share++)
        {
            loss += losses[share];
            missed += misses[share];
        }

        return new Evaluation(examples, loss / examples, missed);
    }

    private static void WaitFor(Queue<(StreamMarker Marker, int Done)> launched, int left, Action<int>? presented)
    {
        while (launched.Count > left)
        {
            (StreamMarker marker, int done) = launched.Dequeue();
            using (marker)
            {
                marker.Wait();
            }

            presented?.Invoke(done);
        }
    }

    /// <summary>Presents what a launch can: no more than are on the device, in one stretch, with their constants.</summary>
    /// <returns>How many.</returns>
    private int Launch(BatchStep[] steps, int done)
    {
        BatchStep first = steps[done];
        int place = first.Start;
        DeviceExamples block = BlockOf(place, out int index);
        int count = Math.Min(
            Math.Min(steps.Length - done, MostSteps - done % MostSteps),
            Math.Min(PresentationsPerLaunch, Math.Min(block.Count - index, _set.Count - place)));
        ArrayView<float> none = _state1.View.SubView(0, 0);
        _kernels.Train(new KernelConfig(Members, EnsembleKernels.Threads), new EnsemblePresentations
        {
            Images = block.Images.SubView((long)index * Shape1989.InputUnits, (long)count * Shape1989.InputUnits),
            Labels = block.Labels.SubView(index, count),
            Count = count,
            FirstPlace = place,
            FirstStep = first.Perturbation.Step,
            Steps = _steps.View.SubView(done % MostSteps, count),
            Perturbation = first.Perturbation,
            Targets = _targets,
            Seeds = _seeds.View,
            Parameters = _parameters.View,
            State1 = HasStates ? _state1.View : none,
            State2 = HasStates ? _state2.View : none,
            Tables = _tables,
        });
        return count;
    }

    private void LaunchEvaluation(DeviceExamples examples, int firstSum)
    {
        int shares = Shares(examples);
        _kernels.Evaluate(new KernelConfig(Members * shares, EnsembleKernels.Threads), new EnsembleEvaluations
        {
            Images = examples.Images,
            Labels = examples.Labels,
            Count = examples.Count,
            Shares = shares,
            Parameters = _parameters.View,
            Losses = _losses.View,
            Misses = _misses.View,
            Sums = Sums,
            FirstSum = firstSum,
            Tables = _tables,
        });
    }

    /// <summary>The block with an example, on the device: the whole set, or one that is copied over now.</summary>
    private DeviceExamples BlockOf(int place, out int index)
    {
        Examples block = _set.BlockOf(place, out index);
        if (block == _set.Sample)
        {
            return _sample;
        }

        if (_block is null || _block.Count != block.Count)
        {
            // What is launched may still read the old one.
            _accelerator.Synchronize();
            _block?.Dispose();
            _block = new DeviceExamples(_accelerator, block, isByExample: true);
        }
        else if (_loaded != block)
        {
            _block.Replace(block);
        }

        _loaded = block;
        return _block;
    }
}
