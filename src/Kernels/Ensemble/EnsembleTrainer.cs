using System.Diagnostics;
using System.Runtime.InteropServices;
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
/// Training of many networks at once, per example or in small batches, by <see cref="EnsembleKernels"/>: what the vector path does for
/// one, a device does for as many as it has multiprocessors, and for more in turn. They are shown the same digits at the same time, and
/// each has a recipe of its own: seed, learning rates, decay, momentum, shift, dropout. Not safe for use by several threads at once. The
/// networks know nothing of each other; those that answer as one are a <see cref="Model.Ensembles.EnsembleClassifier"/>.
/// </summary>
internal sealed class EnsembleTrainer : IDisposable
{
    /// <summary>
    /// Presentations of a launch. A launch costs a few microseconds and a copy of the parameters in and out, a thousandth of
    /// what these take; and even where they take a hundred times longer than on a large GPU, a launch stays below the second
    /// or two after which a system with a display takes the GPU away.
    /// </summary>
    public const int PresentationsPerLaunch = 1024;

    /// <summary>The most examples that a step may look at: they are presented one after the other.</summary>
    public const int MostBatch = 64;

    // A group's share of an evaluation: short enough that float32 sums lose nothing that is printed, long enough that
    // fetching the parameters does not count.
    private const int ExamplesPerShare = 512;

    private readonly int _examplesPerShare;
    private readonly DeviceGuard _guard;
    private readonly Accelerator _accelerator;
    private readonly OwnedBuffers _owned = new();
    private readonly EnsembleRule _rule;
    private readonly ITrainingSet _set;
    private readonly DeviceExamples _sample;
    private readonly DeviceExamples _test;
    private readonly EnsembleKernelSet _kernels;
    private readonly Targets _targets;
    private readonly EnsembleTables _tables;
    private readonly StepSchedule?[] _schedules;
    private readonly MemoryBuffer1D<EnsembleMember, Stride1D.Dense> _members;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _parameters;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _state1;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _state2;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _gradients;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _losses;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _misses;
    private StepSchedule[] _recipes = [];
    private OptimizerConstants[] _planned = [];
    private StepPlans<OptimizerConstants>? _plans;
    private DeviceExamples? _block;
    private Examples? _loaded;

    /// <summary>Compiles the kernels, allocates memory and copies the data over. All parameters begin at 0.</summary>
    /// <param name="discovery">Where the device was found; must outlive the trainer.</param>
    /// <param name="device">The device, against which <c>UnsupportedReason</c> has nothing.</param>
    /// <param name="options">The network.</param>
    /// <param name="rule">What moves all members' parameters.</param>
    /// <param name="train">What is trained on, in the order of its presentation; of a set in blocks, each is copied over when
    /// its turn comes.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="members">How many networks, one or more.</param>
    /// <param name="examplesPerShare">Examples that a group evaluates at most; tests share few among several groups.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no members.</exception>
    /// <exception cref="InvalidOperationException">The kernels cannot train the network, or not on the device.</exception>
    /// <exception cref="DeviceException">The device, its driver or its compiler failed, or has too little memory.</exception>
    public EnsembleTrainer(
        AcceleratorDiscovery discovery,
        DeviceDescription device,
        NetworkOptions options,
        EnsembleRule rule,
        ITrainingSet train,
        Examples test,
        int members,
        int examplesPerShare = ExamplesPerShare)
    {
        ArgumentNullException.ThrowIfNull(discovery);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentOutOfRangeException.ThrowIfLessThan(members, 1);
        if (UnsupportedReason(discovery, device, options, rule) is { } reason)
        {
            throw new InvalidOperationException($"The replica kernels cannot train this: {reason}.");
        }

        _examplesPerShare = examplesPerShare;
        _guard = new DeviceGuard(device);
        _rule = rule;
        _set = train;
        _schedules = new StepSchedule?[members];
        KernelLoader loader = discovery.Open(device);
        _accelerator = loader.Accelerator;
        try
        {
            _kernels = EnsembleKernelSet.Load(loader, options, rule);
            _targets = options.Loss.Targets(options.LabelSmoothing);
            _sample = _owned.Add(new DeviceExamples(_accelerator, train.Sample, isByExample: true));
            _test = _owned.Add(new DeviceExamples(_accelerator, test, isByExample: true));
            _tables = new EnsembleTables(
                _owned.Add(_accelerator.Allocate1D(ConnectionTables.Sources(options.Connections))).View,
                _owned.Add(_accelerator.Allocate1D(ConnectionTables.GroupReaders(options.Connections, out int readersOfMap))).View,
                readersOfMap);
            _members = _owned.Add(_accelerator.Allocate1D<EnsembleMember>(members));
            _parameters = Floats(isNeeded: true);
            _state1 = Floats(rule.HasState);
            _state2 = Floats(rule.HasState);
            _gradients = Floats(rule.Batch > 1);
            _losses = _owned.Add(_accelerator.Allocate1D<float>((long)members * Sums));
            _misses = _owned.Add(_accelerator.Allocate1D<int>((long)members * Sums));
            _accelerator.Synchronize();
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

        MemoryBuffer1D<float, Stride1D.Dense> Floats(bool isNeeded)
        {
            MemoryBuffer1D<float, Stride1D.Dense> floats =
                _owned.Add(_accelerator.Allocate1D<float>(isNeeded ? (long)members * Layout.Parameters : 1));
            floats.MemSetToZero();
            return floats;
        }
    }

    /// <summary>How many networks there are.</summary>
    public int Members => _schedules.Length;

    private int TrainShares => Shares(_sample);

    /// <summary>A member's sums in an evaluation of both splits.</summary>
    private int Sums => TrainShares + Shares(_test);

    /// <summary>Why the kernels cannot train a network on a device; null if they can.</summary>
    /// <param name="discovery">Where the device was found.</param>
    /// <param name="device">The device.</param>
    /// <param name="options">The network.</param>
    /// <param name="rule">What is to move its parameters.</param>
    /// <exception cref="DeviceException">Its driver refuses.</exception>
    public static string? UnsupportedReason(
        AcceleratorDiscovery discovery, DeviceDescription device, NetworkOptions options, EnsembleRule rule)
    {
        ArgumentNullException.ThrowIfNull(discovery);
        return UnsupportedReason(options, rule)
            ?? OnChip.UnsupportedReason(discovery.Open(device).Accelerator, EnsembleKernels.Threads, EnsembleLayout.Bytes);
    }

    /// <summary>Why the kernels cannot train a network on any device; null if they can.</summary>
    /// <param name="options">The network.</param>
    /// <param name="rule">What is to move its parameters.</param>
    public static string? UnsupportedReason(NetworkOptions options, EnsembleRule rule)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rule);
        Optimizer optimizer = rule.Optimizer;
        return OnChip.UnsupportedReason(options)
            ?? OnChip.UnsupportedReason(optimizer)
            ?? (optimizer.UsesMatrices ? $"{optimizer} moves whole weight matrices, for which there is no room on the chip"
                : optimizer.EvaluatesAverage ? $"{optimizer} has an average evaluated, for which there is no room on the chip"
                : rule.Batch > MostBatch
                    ? $"a step's examples are presented one after the other, at most {MostBatch} of them, and these are {rule.Batch:N0}"
                : null);
    }

    /// <summary>
    /// How many members a device computes at the same time; more of them take turns, and are best begun when these have ended.
    /// </summary>
    /// <param name="discovery">Where the device was found.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="DeviceException">Its driver refuses.</exception>
    public static int AtOnce(AcceleratorDiscovery discovery, DeviceDescription device)
    {
        ArgumentNullException.ThrowIfNull(discovery);
        return discovery.Open(device).Accelerator.NumMultiprocessors * EnsembleKernels.GroupsOfMultiprocessor;
    }

    /// <summary>Gives a member its parameters and its recipe, and forgets its optimizer's state.</summary>
    /// <param name="member">Which, from 0.</param>
    /// <param name="parameters">9,760 values in the order of <see cref="Parameters"/>.</param>
    /// <param name="schedule">
    /// The steps of its run: examples in the set's order, as many a step as the trainer was made for, and the optimizer it was made for.
    /// </param>
    /// <exception cref="ArgumentException">
    /// There are more or fewer parameters, or there is no such member; its images are distorted, its examples in another order, or its
    /// steps those of another training set.
    /// </exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public void Load(int member, ReadOnlySpan<float> parameters, StepSchedule schedule) =>
        Load(member, new TrainingState(parameters.ToArray(), [], []), schedule);

    /// <summary>Gives a member the state that it was left in, and its recipe.</summary>
    /// <inheritdoc cref="Load(int, ReadOnlySpan{float}, StepSchedule)"/>
    /// <param name="member">Which, from 0.</param>
    /// <param name="state">What <see cref="SaveStates"/> gave; empty states begin at 0.</param>
    /// <param name="schedule">The steps of its run.</param>
    public void Load(int member, TrainingState state, StepSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentOutOfRangeException.ThrowIfNegative(member);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(member, Members);
        ArgumentOutOfRangeException.ThrowIfNotEqual(state.Parameters.Length, Layout.Parameters);
        Require(schedule);
        _schedules[member] = schedule;
        _guard.Do(() =>
        {
            Of(_parameters, member).CopyFromCPU(state.Parameters);
            if (_rule.HasState)
            {
                Of(_state1, member).CopyFromCPU(BySlot(state.States[0]));
                Of(_state2, member).CopyFromCPU(BySlot(state.States[1]));
            }

            _recipes = [];
            _accelerator.Synchronize();
        });

        static float[] BySlot(float[] values) => EnsembleSlots.BySlot(values.Length == 0 ? new float[Layout.Parameters] : values);
    }

    /// <summary>Takes steps of every member's run, each by the same examples.</summary>
    /// <param name="first">The first step, from 0.</param>
    /// <param name="count">How many.</param>
    /// <param name="taken">
    /// Told, now and then, how many of these steps are done, and says whether to go on; null for nobody. What is under way is always
    /// finished.
    /// </param>
    /// <returns>How many steps were taken: fewer if somebody said so.</returns>
    /// <exception cref="InvalidOperationException">A member has no recipe yet.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public long Take(long first, long count, Func<long, bool>? taken = null)
    {
        StepSchedule common = _schedules[0] ?? throw NoRecipe();
        return _guard.Do(() =>
        {
            Prepare();
            Queue<(StreamMarker Marker, long Done)> launched = new();
            try
            {
                bool goesOn = true;
                long begun = BeganBefore(common, first);
                long end = BeganBefore(common, first + count);
                long done = begun;
                while (goesOn && done < end)
                {
                    done += Launch(common, done, end);
                    long steps = done == end ? count : StepOf(common, done) - first;
                    launched.Enqueue((StreamMarker.After(_accelerator), steps));

                    // One launch waits behind the one that runs, so that the device never does.
                    goesOn = WaitFor(launched, 1, taken);
                    if (!goesOn)
                    {
                        // A step that is half done is finished, so that there is a state between two steps.
                        end = BeganBefore(common, StepOf(common, done - 1) + 1);
                        count = StepOf(common, done - 1) + 1 - first;
                        goesOn = done < end;
                    }
                }

                WaitFor(launched, 0, taken);
                return count;
            }
            finally
            {
                while (launched.TryDequeue(out (StreamMarker Marker, long Done) left))
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
            snapshots[member] = new Snapshot(
                Sum(losses, misses, sums, sums + TrainShares, _sample.Count),
                Sum(losses, misses, sums + TrainShares, sums + Sums, _test.Count),
                Of(parameters, member), stepsDone, done);
        }

        return snapshots;
    });

    /// <summary>Every member's parameters as they are now.</summary>
    /// <exception cref="DeviceException">The device failed.</exception>
    public IReadOnlyList<float[]> Store() => _guard.Do(() =>
    {
        _accelerator.Synchronize();
        float[] parameters = _parameters.GetAsArray1D();
        return Enumerable.Range(0, Members).Select(member => Of(parameters, member)).ToArray();
    });

    /// <summary>Everything between two steps that decides those to come, of every member.</summary>
    /// <exception cref="DeviceException">The device failed.</exception>
    public IReadOnlyList<TrainingState> SaveStates() => _guard.Do(() =>
    {
        _accelerator.Synchronize();
        float[] parameters = _parameters.GetAsArray1D();
        float[] state1 = _state1.GetAsArray1D();
        float[] state2 = _state2.GetAsArray1D();
        return Enumerable.Range(0, Members).Select(member => new TrainingState(
            Of(parameters, member), InOrder(state1, member), InOrder(state2, member))).ToArray();

        float[] InOrder(float[] states, int member) =>
            _rule.HasState ? EnsembleSlots.InOrder(Of(states, member)) : new float[Layout.Parameters];
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _block?.Dispose();
        _plans?.Dispose();
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

    private static float[] Of(float[] all, int member) => all[(member * Layout.Parameters)..((member + 1) * Layout.Parameters)];

    private static ArrayView<float> Of(MemoryBuffer1D<float, Stride1D.Dense> all, int member) =>
        all.View.AsContiguous().SubView((long)member * Layout.Parameters, Layout.Parameters);

    private static InvalidOperationException NoRecipe() => new("A member has no recipe: load it first.");

    /// <summary>How many presentations of a run come before a step.</summary>
    private static long BeganBefore(StepSchedule schedule, long step) =>
        step / schedule.StepsOfPass * schedule.Examples + step % schedule.StepsOfPass * schedule.Batch;

    /// <summary>The step that a presentation belongs to.</summary>
    private static long StepOf(StepSchedule schedule, long presentation) =>
        presentation / schedule.Examples * schedule.StepsOfPass + presentation % schedule.Examples / schedule.Batch;

    /// <summary>Waits for launches, and says how many steps are done.</summary>
    /// <returns>Whether to go on.</returns>
    private static bool WaitFor(Queue<(StreamMarker Marker, long Done)> launched, int left, Func<long, bool>? taken)
    {
        bool goesOn = true;
        while (launched.Count > left)
        {
            (StreamMarker marker, long done) = launched.Dequeue();
            using (marker)
            {
                marker.Wait();
            }

            goesOn &= taken?.Invoke(done) ?? true;
        }

        return goesOn;
    }

    /// <summary>Refuses steps that the kernels cannot take.</summary>
    private void Require(StepSchedule schedule)
    {
        if (schedule.Perturbation.Distorts)
        {
            throw new ArgumentException(
                "An image that is turned, scaled or bent is read more than once, and there is no shared memory left for a second one.",
                nameof(schedule));
        }

        if (schedule.Order != PresentationOrder.AsTheyAre)
        {
            throw new ArgumentException("All members are shown the same digits, in the set's order.", nameof(schedule));
        }

        if (schedule.Batch != _rule.Batch || schedule.Examples != _set.Count)
        {
            throw new ArgumentException(
                $"A step looks at {_rule.Batch} of {_set.Count} examples here, not at {schedule.Batch} of {schedule.Examples}.", nameof(schedule));
        }
    }

    /// <summary>Tells the recipes apart, and writes down which member has which.</summary>
    private void Prepare()
    {
        if (_recipes.Length > 0)
        {
            return;
        }

        List<StepSchedule> recipes = [];
        EnsembleMember[] members = new EnsembleMember[Members];
        for (int member = 0; member < Members; member++)
        {
            StepSchedule schedule = _schedules[member] ?? throw NoRecipe();
            int recipe = recipes.FindIndex(schedule.HasConstantsOf);
            if (recipe < 0)
            {
                recipe = recipes.Count;
                recipes.Add(schedule);
            }

            members[member] = new EnsembleMember(schedule.Perturbation, recipe);
        }

        _members.CopyFromCPU(members);
        int length = recipes.Count * PresentationsPerLaunch;
        if (_plans is null || _plans.Length < length)
        {
            _plans?.Dispose();
            _plans = new StepPlans<OptimizerConstants>(_accelerator, length);
            _planned = new OptimizerConstants[length];
        }

        _recipes = [.. recipes];
    }

    /// <summary>Presents what a launch can: no more than are on the device, in one stretch, with their constants.</summary>
    /// <returns>How many.</returns>
    private int Launch(StepSchedule common, long done, long end)
    {
        int place = (int)(done % _set.Count);
        DeviceExamples block = BlockOf(place, out int index);
        int count = (int)Math.Min(
            Math.Min(end - done, PresentationsPerLaunch), Math.Min(block.Count - index, _set.Count - place));
        long firstStep = StepOf(common, done);
        int steps = Plan(firstStep, (int)(StepOf(common, done + count - 1) + 1 - firstStep), out bool isOneForAll);
        _kernels.Train(new KernelConfig(Members, EnsembleKernels.Threads), new EnsemblePresentations
        {
            Images = block.Images.SubView((long)index * Shape1989.InputUnits, (long)count * Shape1989.InputUnits),
            Labels = block.Labels.SubView(index, count),
            Count = count,
            FirstPlace = place,
            FirstStep = (int)firstStep,
            Batch = _rule.Batch,
            Examples = _set.Count,
            Share = 1f / common.Batch,
            ShareOfLast = 1f / ((_set.Count - 1) % common.Batch + 1),
            Steps = _plans!.Window.SubView(0, (long)_recipes.Length * steps),
            StepsOfRecipe = steps,
            Stride = isOneForAll ? 0 : 1,
            Targets = _targets,
            Members = _members.View,
            Parameters = _parameters.View,
            State1 = OrNone(_state1, _rule.HasState),
            State2 = OrNone(_state2, _rule.HasState),
            Gradients = OrNone(_gradients, _rule.Batch > 1),
            Tables = _tables,
        });
        _plans.EndWindow();
        return count;

        static ArrayView<float> OrNone(MemoryBuffer1D<float, Stride1D.Dense> floats, bool isThere) =>
            isThere ? floats.View : floats.View.SubView(0, 0);
    }

    /// <summary>Plans every recipe's steps, while the device is at work on those before.</summary>
    /// <param name="first">The first of the steps.</param>
    /// <param name="count">How many.</param>
    /// <param name="isOneForAll">Whether no recipe's constants change, so that one step of each stands for all.</param>
    /// <returns>How many were planned of each recipe.</returns>
    private int Plan(long first, int count, out bool isOneForAll)
    {
        OptimizerConstants[] planned = _planned;
        bool changes = false;
        Parallel.For(0, _recipes.Length, recipe =>
        {
            Span<OptimizerConstants> own = planned.AsSpan(recipe * count, count);
            bool hasChanged = false;
            for (int step = 0; step < count; step++)
            {
                own[step] = _recipes[recipe].Constants(first + step);
                hasChanged |= !Bytes(own[step..(step + 1)]).SequenceEqual(Bytes(own[..1]));
            }

            if (hasChanged)
            {
                Volatile.Write(ref changes, true);
            }
        });
        isOneForAll = !changes;
        int kept = isOneForAll ? 1 : count;
        Span<OptimizerConstants> room = _plans!.Room();
        for (int recipe = 0; recipe < _recipes.Length; recipe++)
        {
            planned.AsSpan(recipe * count, kept).CopyTo(room[(recipe * kept)..]);
        }

        _plans.Enqueue(_recipes.Length * kept);
        return kept;

        static ReadOnlySpan<byte> Bytes(ReadOnlySpan<OptimizerConstants> constants) => MemoryMarshal.AsBytes(constants);
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
