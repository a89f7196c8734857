using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Teaching;

namespace GpuConvnet.Model.Training;

/// <summary>
/// Batch training on the host: the vector path's own passes, one copy of the network per thread, each forming the
/// gradients of whole slices of the batch. Which thread forms which slice makes no difference to the bits.
/// </summary>
public sealed unsafe class HostTrainer : ITrainer
{
    private const int EvaluationSlice = 256;

    private readonly SimdNetwork[] _networks;

    /// <summary>Each thread's; null where the network learns from labels alone.</summary>
    private readonly Lessons?[] _lessons;
    private readonly AlignedFloats[] _slices;

    /// <summary>The slices' second derivatives; null where the optimizer does not ask for them.</summary>
    private readonly AlignedFloats[]? _curvatures;
    private readonly ITrainingSet _train;
    private readonly Examples _test;
    private readonly Optimizer _optimizer;
    private readonly TrainedParameters _parameters = new();
    private readonly NormalizedWeights? _normalized;
    private readonly BatchSharing _sharing;

    /// <summary>Adds slices up with the other ranks; null where there are none.</summary>
    private readonly SharedSum? _shared;

    /// <summary>Creates a trainer with all parameters 0.</summary>
    /// <param name="options">The network's activations and loss.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="threads">How many threads work, 1 or more; 0 for one per core.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 0.</exception>
    /// <exception cref="NotSupportedException">
    /// The network's shape is not that of 1989, its loss does not go with its outputs, or its normalized weights not with the optimizer.
    /// </exception>
    public HostTrainer(NetworkOptions options, Optimizer optimizer, ITrainingSet train, Examples test, int threads = 0)
        : this(options, optimizer, train, test, threads, default)
    {
    }

    /// <summary>The same with all that the program asks for.</summary>
    /// <param name="options">The network's activations and loss.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="threads">How many threads work; 0 for one per core.</param>
    /// <param name="sharing">How batches are cut, and who shares them; as usual and nobody unless told.</param>
    /// <param name="teacher">What the network learns from beside the labels, as the options ask for; null for nothing.</param>
    [OverloadResolutionPriority(1)]
    internal HostTrainer(
        NetworkOptions options,
        Optimizer optimizer,
        ITrainingSet train,
        Examples test,
        int threads = 0,
        BatchSharing sharing = default,
        Teacher? teacher = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (options.WeightNormalization && optimizer.UnsupportedByNormalization is { } reason)
        {
            throw new NotSupportedException($"Normalized weights cannot be trained by {optimizer}: {reason}.");
        }

        _sharing = sharing;
        _shared = sharing.Ranks is null ? null : new SharedSum(sharing.Ranks, SumOrder.InPairs, SimdLayout.Count);
        _networks = new SimdNetwork[threads == 0 ? Environment.ProcessorCount : threads];
        _lessons = new Lessons?[_networks.Length];
        for (int i = 0; i < _networks.Length; i++)
        {
            _networks[i] = SimdNetwork.Create(options, _parameters);
            _lessons[i] = Lessons.Of(teacher, options.Loss, options.Distillation);
        }

        _slices = Slices();
        _curvatures = optimizer.UsesCurvature ? Slices() : null;
        _normalized = options.WeightNormalization ? new NormalizedWeights() : null;
        _optimizer = optimizer;
        _train = train;
        _test = test;
    }

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters)
    {
        VectorLength.Require(parameters.Length, Network.Parameters.Count, nameof(parameters));
        _parameters.Load(parameters);
        _normalized?.Load(parameters);
    }

    /// <inheritdoc/>
    public void Store(Span<float> parameters)
    {
        VectorLength.Require(parameters.Length, Network.Parameters.Count, nameof(parameters));
        using TrainedParameters.Average average = _parameters.AtAverage(_optimizer);
        _parameters.Store(parameters);
    }

    /// <inheritdoc/>
    public void LoadState(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        VectorLength.Require(state.Parameters.Length, Network.Parameters.Count, nameof(state));
        _parameters.LoadState(state);
        _normalized?.LoadState(state);
    }

    /// <inheritdoc/>
    public TrainingState SaveState() => _normalized?.SaveState() ?? _parameters.SaveState().Averaged(_optimizer);

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<BatchStep> steps)
    {
        foreach (ref readonly BatchStep step in steps)
        {
            if (step.CurvatureExamples > 0)
            {
                _networks[0].EstimateCurvature(_train.Sample, step.CurvatureExamples);
            }

            SumGradients(step.Start, step.Count, step.Perturbation);
            Update(step.Optimizer);
        }
    }

    /// <summary>A step whose layers are timed, on whichever thread they run; its passes are those of <see cref="LayerPass"/>.</summary>
    internal HostStepTimes Profile(in BatchStep step)
    {
        int slices = _sharing.Slices.Count(step.Count);
        LayerClock[] clocks = [.. Enumerable.Range(0, slices).Select(_ => LayerClock.Create())];
        long begun = Stopwatch.GetTimestamp();
        SliceGradients(step.Start, step.Count, step.Perturbation, clocks);
        long sliced = Stopwatch.GetTimestamp();
        SumAll(slices);
        long summed = Stopwatch.GetTimestamp();
        Update(step.Optimizer);
        return HostStepTimes.Of(
            Math.Min(_sharing.Own(slices).Count, _networks.Length),
            [.. Enum.GetValues<LayerPass>().Select(pass => clocks.Sum(clock => clock.Seconds(pass)))],
            begun, sliced, summed, Stopwatch.GetTimestamp());
    }

    private void Update(in OptimizerConstants step)
    {
        Updating updating = new(this, step);
        _optimizer.Accept(ref updating);
    }

    /// <inheritdoc/>
    public void Gradient(int start, int count, in Perturbation perturbation, Span<float> gradient)
    {
        VectorLength.Require(gradient.Length, Network.Parameters.Count, nameof(gradient));
        SumGradients(start, count, perturbation);
        SimdLayout.Unpack(_slices[0].Span, gradient);
    }

    /// <inheritdoc/>
    public Evaluation Evaluate(Split split)
    {
        Examples examples = split == Split.Train ? _train.Sample : _test;
        int slices = (examples.Count + EvaluationSlice - 1) / EvaluationSlice;
        (double Loss, int Misses)[] sums = new (double, int)[slices];
        using TrainedParameters.Average average = _parameters.AtAverage(_optimizer);
        InParallel(_sharing.Own(slices), (thread, slice) =>
        {
            int first = slice * EvaluationSlice;
            sums[slice] = _networks[thread].SumLosses(examples, first, Math.Min(EvaluationSlice, examples.Count - first));
        });
        _sharing.Ranks?.Complete<(double, int)>(sums);
        return new Evaluation(
            examples.Count, sums.Sum(sum => sum.Loss) / examples.Count, sums.Sum(sum => sum.Misses));
    }

    /// <inheritdoc/>
    public Task<Snapshot> SnapshotAsync() => Task.FromResult(Snapshot.Take(this, Network.Parameters.Count));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SimdNetwork network in _networks)
        {
            network.Dispose();
        }

        foreach (Lessons? lessons in _lessons)
        {
            lessons?.Dispose();
        }

        foreach (AlignedFloats slice in _slices.Concat(_curvatures ?? []))
        {
            slice.Dispose();
        }

        _parameters.Dispose();
    }

    private void Update<TRule>(in OptimizerConstants step)
        where TRule : struct, IUpdateRule
    {
        if (_normalized is null)
        {
            _parameters.Update<TRule>(_slices[0].Pointer, step);
        }
        else
        {
            SimdLayout.Unpack(_slices[0].Span, _normalized.Gradient);
            _normalized.Step<TRule>(step);
            _parameters.Replace(_normalized.Parameters);
        }
    }

    /// <summary>The batch's packed gradient, and second derivatives if they are asked for, into the first slice.</summary>
    private void SumGradients(int start, int count, in Perturbation perturbation)
    {
        SliceGradients(start, count, perturbation, clocks: null);
        SumAll(_sharing.Slices.Count(count));
    }

    private void SumAll(int slices)
    {
        Sum(_slices, slices);
        if (_curvatures is not null)
        {
            Sum(_curvatures, slices);
        }
    }

    /// <summary>Adds slices up into the first, whoever computed them.</summary>
    private void Sum(AlignedFloats[] parts, int slices)
    {
        if (_shared is null)
        {
            SumSlices(parts, slices);
        }
        else
        {
            _shared.Add(slices, slice => parts[slice].Span, parts[0].Span);
        }
    }

    /// <summary>Each slice's packed gradient; with clocks, one per slice, timed.</summary>
    private void SliceGradients(int start, int count, in Perturbation perturbation, LayerClock[]? clocks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _train.Count - start);
        int slices = _sharing.Slices.Count(count);
        Perturbation drawn = perturbation;
        Examples block = _train.BlockOf(start, out int index);
        InParallel(_sharing.Own(slices), (thread, slice) =>
        {
            SimdNetwork network = _networks[thread];
            int first = _sharing.Slices.Start(slice, count);
            int end = _sharing.Slices.Start(slice + 1, count);
            AlignedFloats gradient = _slices[slice];
            AlignedFloats? curvature = _curvatures?[slice];
            gradient.Span.Clear();
            curvature?.Span.Clear();
            float scale = 1f / count;
            if (clocks is null)
            {
                if (curvature is null)
                {
                    Lessons.Present(
                        _lessons[thread], block, index + first, end - first, drawn,
                        (Examples shown, int start, int some, in Perturbation left) =>
                            network.AddGradient(shown, start, some, left, scale, gradient));
                }
                else
                {
                    network.AddGradientAndCurvature(block, index + first, end - first, drawn, scale, gradient, curvature);
                }

                return;
            }

            clocks[slice].Start();
            if (curvature is null)
            {
                Lessons.Present(
                    _lessons[thread], block, index + first, end - first, drawn,
                    (Examples shown, int start, int some, in Perturbation left) =>
                        network.AddGradient(shown, start, some, left, scale, gradient, ref clocks[slice]));
            }
            else
            {
                network.AddGradientAndCurvature(block, index + first, end - first, drawn, scale, gradient, curvature, ref clocks[slice]);
            }
        });
    }

    /// <summary>Runs every slice on some thread; slices are handed out as threads come free.</summary>
    private void InParallel(SliceSpan slices, Action<int, int> work)
    {
        int next = slices.First - 1;
        Parallel.For(0, Math.Min(slices.Count, _networks.Length), thread =>
        {
            int slice;
            while ((slice = Interlocked.Increment(ref next)) < slices.End)
            {
                work(thread, slice);
            }
        });
    }

    /// <summary>Adds slices up in pairs, pairs of pairs and so on, into the first.</summary>
    private static void SumSlices(AlignedFloats[] parts, int slices)
    {
        for (int distance = 1; distance < slices; distance *= 2)
        {
            for (int slice = 0; slice + distance < slices; slice += 2 * distance)
            {
                float* sum = parts[slice].Pointer;
                float* addend = parts[slice + distance].Pointer;
                for (int i = 0; i < SimdLayout.Count; i += SimdLayout.Lanes)
                {
                    (Vector512.LoadAligned(sum + i) + Vector512.LoadAligned(addend + i)).StoreAligned(sum + i);
                }
            }
        }
    }

    private AlignedFloats[] Slices() =>
        [.. Enumerable.Range(0, _sharing.Slices.Maximum).Select(_ => new AlignedFloats(SimdLayout.Count))];

    private readonly struct Updating(HostTrainer trainer, OptimizerConstants step) : IOptimizerVisitor
    {
        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => trainer.Update<TRule>(step);

        public void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule =>
            trainer._parameters.Update<TRule>(trainer._slices[0].Pointer, trainer._curvatures![0].Pointer, step);

        public void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule =>
            trainer._parameters.Update<TRule, TVectors>(trainer._slices[0].Pointer, step);
    }
}
