using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Teaching;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Training;

/// <summary>
/// Batch training of any network on the host: the layers' plain mathematics on lanes, an example each, and one engine per
/// thread. A batch is cut into slices, whose gradients are added up in an order that depends on the batch's size alone, so that
/// threads make no difference to the bits.
/// </summary>
public sealed unsafe class LayerTrainer : ITrainer
{
    private const int Lanes = 16;
    private const int EvaluationSlice = 256;

    private readonly LayerNetwork _network;
    private readonly ILayerEngine<float>[] _engines;

    /// <summary>Each thread's; null where the network learns from labels alone.</summary>
    private readonly Lessons?[] _lessons;
    private readonly AlignedFloats[] _slices;
    private readonly AlignedFloats _parameters;
    private readonly AlignedFloats _state1;
    private readonly AlignedFloats _state2;
    private readonly ITrainingSet _train;
    private readonly Examples _test;
    private readonly Optimizer _optimizer;
    private readonly Targets _targets;
    private readonly BatchSharing _sharing;

    /// <summary>Null where the optimizer does not move matrices.</summary>
    private readonly MatrixStep? _matrices;

    /// <summary>Adds slices up with the other ranks; null where there are none.</summary>
    private readonly SharedSum? _shared;

    /// <summary>Creates a trainer with all parameters 0.</summary>
    /// <param name="network">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="threads">How many threads work, 1 or more; 0 for one per core.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 0.</exception>
    public LayerTrainer(LayerNetwork network, Optimizer optimizer, ITrainingSet train, Examples test, int threads = 0)
        : this(network, optimizer, train, test, threads, default)
    {
    }

    /// <summary>The same with all that the program asks for.</summary>
    /// <param name="network">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="threads">How many threads work; 0 for one per core.</param>
    /// <param name="sharing">How batches are cut, and who shares them; as usual and nobody unless told.</param>
    /// <param name="teacher">What the network learns from beside the labels, as it asks for; null for nothing.</param>
    [OverloadResolutionPriority(1)]
    internal LayerTrainer(
        LayerNetwork network,
        Optimizer optimizer,
        ITrainingSet train,
        Examples test,
        int threads = 0,
        BatchSharing sharing = default,
        Teacher? teacher = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        _network = network;
        _optimizer = optimizer;
        _train = train;
        _test = test;
        _targets = network.Loss.Targets(labelSmoothing: 0);
        _engines = new ILayerEngine<float>[threads == 0 ? Environment.ProcessorCount : threads];
        _lessons = new Lessons?[_engines.Length];
        for (int i = 0; i < _engines.Length; i++)
        {
            _engines[i] = network.CreateEngine();
            _lessons[i] = Lessons.Of(teacher, network.Loss, network.Distillation);
        }

        int padded = (network.ParameterCount + network.Chain.Prepared + Lanes - 1) / Lanes * Lanes;
        _sharing = sharing;
        _shared = sharing.Ranks is null ? null : new SharedSum(sharing.Ranks, SumOrder.InPairs, padded);
        _slices = new AlignedFloats[sharing.Slices.Maximum];
        for (int i = 0; i < _slices.Length; i++)
        {
            _slices[i] = new AlignedFloats(padded);
        }

        _parameters = new AlignedFloats(padded);
        _state1 = new AlignedFloats(padded);
        _state2 = new AlignedFloats(padded);
        _matrices = optimizer.UsesMatrices ? new MatrixStep(network.Parts) : null;
    }

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters)
    {
        VectorLength.Require(parameters.Length, _network.ParameterCount, nameof(parameters));
        parameters.CopyTo(_parameters.Span);
        _state1.Span.Clear();
        _state2.Span.Clear();
        Prepare();
    }

    /// <inheritdoc/>
    public void Store(Span<float> parameters)
    {
        VectorLength.Require(parameters.Length, _network.ParameterCount, nameof(parameters));
        Values(_parameters).CopyTo(parameters);
        if (_optimizer.EvaluatesAverage)
        {
            Add(Values(_state1), parameters);
        }
    }

    /// <inheritdoc/>
    public void LoadState(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        VectorLength.Require(state.Parameters.Length, _network.ParameterCount, nameof(state));
        state = state.AtGradients();
        state.Parameters.CopyTo(_parameters.Span);
        state.States[0].CopyTo(_state1.Span);
        state.States[1].CopyTo(_state2.Span);
        Prepare();
    }

    /// <inheritdoc/>
    public TrainingState SaveState() =>
        new TrainingState(Values(_parameters).ToArray(), Values(_state1).ToArray(), Values(_state2).ToArray()).Averaged(_optimizer);

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<BatchStep> steps)
    {
        foreach (ref readonly BatchStep step in steps)
        {
            SumGradients(step.Start, step.Count, step.Perturbation);
            Update(step.Optimizer);
        }
    }

    /// <summary>A step whose layers are timed, on whichever thread they run; its passes are those of <see cref="LayerTimes"/>.</summary>
    internal HostStepTimes Profile(in BatchStep step)
    {
        LayerTimes[] times = [.. _slices.Select(_ => new LayerTimes(_network.Chain.Layers.Count))];
        long begun = Stopwatch.GetTimestamp();
        int slices = SliceGradients(step.Start, step.Count, step.Perturbation, times);
        long sliced = Stopwatch.GetTimestamp();
        SumAll(slices);
        long summed = Stopwatch.GetTimestamp();
        Update(step.Optimizer);
        return HostStepTimes.Of(
            Math.Min(_sharing.Own(slices).Count, _engines.Length),
            [.. times.Select(slice => slice.Seconds()).Aggregate((sums, slice) => sums.Zip(slice, (sum, addend) => sum + addend))],
            begun, sliced, summed, Stopwatch.GetTimestamp());
    }

    private void Update(in OptimizerConstants step)
    {
        Updating updating = new(this, step);
        _optimizer.Accept(ref updating);
        Prepare();
    }

    /// <inheritdoc/>
    public void Gradient(int start, int count, in Perturbation perturbation, Span<float> gradient)
    {
        VectorLength.Require(gradient.Length, _network.ParameterCount, nameof(gradient));
        SumGradients(start, count, perturbation);
        Values(_slices[0]).CopyTo(gradient);
    }

    /// <inheritdoc/>
    public Evaluation Evaluate(Split split)
    {
        Examples examples = split == Split.Train ? _train.Sample : _test;
        int slices = (examples.Count + EvaluationSlice - 1) / EvaluationSlice;
        (double Loss, int Misses)[] sums = new (double, int)[slices];
        float[]? before = BeginAverage();
        InParallel(_sharing.Own(slices), (thread, slice) =>
        {
            int first = slice * EvaluationSlice;
            sums[slice] = _engines[thread].SumLosses(
                _parameters.Pointer, examples, first, Math.Min(EvaluationSlice, examples.Count - first), _targets);
        });
        if (before is not null)
        {
            before.CopyTo(_parameters.Span);
            Prepare();
        }

        _sharing.Ranks?.Complete<(double, int)>(sums);
        return new Evaluation(
            examples.Count, sums.Sum(sum => sum.Loss) / examples.Count, sums.Sum(sum => sum.Misses));
    }

    /// <inheritdoc/>
    public Task<Snapshot> SnapshotAsync() => Task.FromResult(Snapshot.Take(this, _network.ParameterCount));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ILayerEngine<float> engine in _engines)
        {
            engine.Dispose();
        }

        foreach (Lessons? lessons in _lessons)
        {
            lessons?.Dispose();
        }

        foreach (AlignedFloats slice in _slices)
        {
            slice.Dispose();
        }

        _parameters.Dispose();
        _state1.Dispose();
        _state2.Dispose();
        _matrices?.Dispose();
    }

    private Span<float> Values(AlignedFloats padded) => padded.Span[.._network.ParameterCount];

    /// <summary>Once the parameters have changed: what the layers make of them goes behind them.</summary>
    private void Prepare() =>
        _network.Chain.Prepare(_parameters.Pointer, _parameters.Pointer + _network.ParameterCount);

    /// <summary>Makes the parameters their average, where the optimizer keeps one.</summary>
    /// <returns>What they were; null where it does not.</returns>
    private float[]? BeginAverage()
    {
        if (!_optimizer.EvaluatesAverage)
        {
            return null;
        }

        float[] before = _parameters.Span.ToArray();
        Add(Values(_state1), Values(_parameters));
        Prepare();
        return before;
    }

    private static void Add(ReadOnlySpan<float> addends, Span<float> values)
    {
        for (int i = 0; i < addends.Length; i++)
        {
            values[i] += addends[i];
        }
    }

    /// <summary>The batch's gradient, into the first slice.</summary>
    private void SumGradients(int start, int count, in Perturbation perturbation) =>
        SumAll(SliceGradients(start, count, perturbation, times: null));

    /// <summary>Each slice's gradient; with times, one per slice, timed.</summary>
    /// <returns>How many slices there are.</returns>
    private int SliceGradients(int start, int count, in Perturbation perturbation, LayerTimes[]? times)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _train.Count - start);
        Perturbation drawn = perturbation;
        Examples block = _train.BlockOf(start, out int index);

        // Whole passes of an engine, so that no lane idles but in the last.
        int examples = _engines[0].Examples;
        int passes = (count + examples - 1) / examples;
        int slices = Math.Min(passes, _sharing.Slices.Maximum);
        InParallel(_sharing.Own(slices), (thread, slice) =>
        {
            int first = (int)((long)slice * passes / slices) * examples;
            int end = Math.Min(count, (int)((long)(slice + 1) * passes / slices) * examples);
            _slices[slice].Span.Clear();
            times?[slice].Start();
            Lessons.Present(
                _lessons[thread], block, index + first, end - first, drawn,
                (Examples shown, int start, int some, in Perturbation left) => _engines[thread].AddGradient(
                    _parameters.Pointer, shown, start, some, left, 1f / count, _slices[slice].Pointer, times?[slice]));
        });
        return slices;
    }

    /// <summary>Adds slices up into the first, whoever computed them, and makes the parameters' gradient of it.</summary>
    private void SumAll(int slices)
    {
        if (_shared is null)
        {
            SumSlices(slices);
        }
        else
        {
            _shared.Add(slices, slice => _slices[slice].Span, _slices[0].Span);
        }

        float* gradient = _slices[0].Pointer;
        _network.Chain.Finish(gradient + _network.ParameterCount, gradient);
    }

    /// <summary>Runs every slice on some thread; slices are handed out as threads come free.</summary>
    private void InParallel(SliceSpan slices, Action<int, int> work)
    {
        int next = slices.First - 1;
        Parallel.For(0, Math.Min(slices.Count, _engines.Length), thread =>
        {
            int slice;
            while ((slice = Interlocked.Increment(ref next)) < slices.End)
            {
                work(thread, slice);
            }
        });
    }

    /// <summary>Adds slices up in pairs, pairs of pairs and so on, into the first.</summary>
    private void SumSlices(int slices)
    {
        for (int distance = 1; distance < slices; distance *= 2)
        {
            for (int slice = 0; slice + distance < slices; slice += 2 * distance)
            {
                float* sum = _slices[slice].Pointer;
                float* addend = _slices[slice + distance].Pointer;
                for (int i = 0; i < _slices[slice].Count; i += Lanes)
                {
                    (Vector512.LoadAligned(sum + i) + Vector512.LoadAligned(addend + i)).StoreAligned(sum + i);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update<TRule>(in OptimizerConstants step)
        where TRule : struct, IUpdateRule
    {
        float* parameters = _parameters.Pointer;
        float* gradients = _slices[0].Pointer;
        float* states1 = _state1.Pointer;
        float* states2 = _state2.Pointer;
        OptimizerConstants constants = step;

        // The last vector moves some of what was prepared too, which is prepared anew after it.
        for (int i = 0; i < _network.ParameterCount; i += Lanes)
        {
            Wide parameter = Vector512.LoadAligned(parameters + i);
            Wide first = Vector512.LoadAligned(states1 + i);
            Wide second = Vector512.LoadAligned(states2 + i);
            TRule.Update(ref parameter, Vector512.LoadAligned(gradients + i), ref first, ref second, constants);
            parameter.StoreAligned(parameters + i);
            first.StoreAligned(states1 + i);
            second.StoreAligned(states2 + i);
        }
    }

    private readonly struct Updating(LayerTrainer trainer, OptimizerConstants step) : IOptimizerVisitor
    {
        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => trainer.Update<TRule>(step);

        public void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule =>
            throw new NotSupportedException("Second derivatives are passed back by the network of 1989 alone.");

        public void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule => trainer._matrices!.Take<TRule, TVectors>(
                trainer.Values(trainer._parameters), trainer.Values(trainer._slices[0]), trainer.Values(trainer._state1),
                trainer.Values(trainer._state2), step);
    }
}
