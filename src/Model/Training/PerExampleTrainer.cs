using System.Diagnostics;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Teaching;

namespace GpuConvnet.Model.Training;

/// <summary>The article's way: an example at a time, in the order of the steps, on one core.</summary>
public sealed class PerExampleTrainer : ITrainer
{
    private readonly SimdNetwork _network;
    private readonly Optimizer _optimizer;
    private readonly ITrainingSet _train;
    private readonly Examples _test;
    private readonly Lessons? _lessons;

    /// <summary>Creates a trainer with all parameters 0.</summary>
    /// <param name="options">The network, without weight normalization.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <exception cref="NotSupportedException">The network's shape is not that of 1989, or its loss does not go with its outputs.</exception>
    public PerExampleTrainer(NetworkOptions options, Optimizer optimizer, ITrainingSet train, Examples test)
        : this(options, optimizer, train, test, teacher: null)
    {
    }

    /// <summary>The same with a teacher.</summary>
    /// <param name="options">The network, without weight normalization.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="train">What is trained on.</param>
    /// <param name="test">What is tested on.</param>
    /// <param name="teacher">What the network learns from beside the labels, as the options ask for; null for nothing.</param>
    internal PerExampleTrainer(
        NetworkOptions options, Optimizer optimizer, ITrainingSet train, Examples test, Teacher? teacher)
    {
        ArgumentNullException.ThrowIfNull(options);
        _lessons = Lessons.Of(teacher, options.Loss, options.Distillation);
        _network = SimdNetwork.Create(options);
        _optimizer = optimizer;
        _train = train;
        _test = test;
    }

    /// <summary>
    /// Whether the learning rate is a factor of the outputs' deltas, so that a parameter's step is one addition, which is faster. For
    /// plain SGD alone: of a step only the example and the learning rate count then.
    /// </summary>
    public bool IsInPlace { get; init; }

    /// <summary>The article's own random numbers, drawn instead of the steps' perturbation; null for that.</summary>
    internal ArticlePerturbation? ArticlePerturbation { get; init; }

    /// <inheritdoc/>
    public void Load(ReadOnlySpan<float> parameters) => _network.Load(parameters);

    /// <inheritdoc/>
    public void Store(Span<float> parameters)
    {
        using TrainedParameters.Average average = _network.AtAverage(_optimizer);
        _network.Store(parameters);
    }

    /// <inheritdoc/>
    public void LoadState(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        VectorLength.Require(state.Parameters.Length, Network.Parameters.Count, nameof(state));
        _network.LoadState(state);
    }

    /// <inheritdoc/>
    public TrainingState SaveState() => _network.SaveState().Averaged(_optimizer);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A step looks at more than one example.</exception>
    public void Take(ReadOnlySpan<BatchStep> steps)
    {
        if (_lessons is not null)
        {
            for (int first = 0; first < steps.Length; first += Lessons.Most)
            {
                ReadOnlySpan<BatchStep> some = steps.Slice(first, Math.Min(Lessons.Most, steps.Length - first));
                for (int step = 0; step < some.Length; step++)
                {
                    Examples block = BlockOf(some[step], out int index);
                    _lessons.Show(some.Length, step, block, index, some[step].Perturbation);
                }

                Learning learning = new(this, some, _lessons.Taught(some.Length));
                _optimizer.Accept(ref learning);
            }
        }
        else if (IsInPlace)
        {
            TakeInPlace(steps);
        }
        else
        {
            Taking taking = new(this, steps);
            _optimizer.Accept(ref taking);
        }
    }

    /// <inheritdoc/>
    public void Gradient(int start, int count, in Perturbation perturbation, Span<float> gradient)
    {
        VectorLength.Require(gradient.Length, Network.Parameters.Count, nameof(gradient));
        using AlignedFloats sum = new(SimdLayout.Count);
        Examples block = _train.BlockOf(start, out int index);
        Lessons.Present(_lessons, block, index, count, perturbation, (Examples shown, int first, int some, in Perturbation left) =>
            _network.AddGradient(shown, first, some, left, 1f / count, sum));
        SimdLayout.Unpack(sum.Span, gradient);
    }

    /// <inheritdoc/>
    public Evaluation Evaluate(Split split)
    {
        using TrainedParameters.Average average = _network.AtAverage(_optimizer);
        return _network.Evaluate(split == Split.Train ? _train.Sample : _test);
    }

    /// <inheritdoc/>
    public Task<Snapshot> SnapshotAsync() => Task.FromResult(Snapshot.Take(this, Network.Parameters.Count));

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _lessons?.Dispose();
    }

    /// <summary>
    /// Whether steps can be timed pass by pass: those of a rule that moves parameters one by one, without a teacher, who looks at many
    /// examples at a time.
    /// </summary>
    internal bool HasPasses => _lessons is null && !_optimizer.UsesCurvature && !_optimizer.UsesMatrices;

    /// <summary>Steps whose passes are timed: the seconds of all steps together, in the order of <see cref="LayerPass"/>.</summary>
    /// <param name="steps">The steps, of an example each.</param>
    /// <exception cref="NotSupportedException">They have no passes, see <see cref="HasPasses"/>.</exception>
    internal HostStepTimes Profile(ReadOnlySpan<BatchStep> steps)
    {
        long begun = Stopwatch.GetTimestamp();
        Profiling profiling = new(this, steps);
        _optimizer.Accept(ref profiling);
        long ended = Stopwatch.GetTimestamp();
        return HostStepTimes.Of(
            1, [.. Enum.GetValues<LayerPass>().Select(profiling.Clock.Seconds)], begun, ended, ended, ended);
    }

    /// <summary>Presents examples that follow each other, at one learning rate, by one call.</summary>
    private void TakeInPlace(ReadOnlySpan<BatchStep> steps)
    {
        while (!steps.IsEmpty)
        {
            Examples block = BlockOf(steps[0], out int index);
            float learningRate = steps[0].Optimizer.LearningRate;
            int most = Math.Min(steps.Length, block.Count - index);
            int together = 1;
            while (together < most
                && steps[together].Start == steps[0].Start + together
                && steps[together].Optimizer.LearningRate == learningRate)
            {
                together++;
            }

            _network.Train(block, index, together, learningRate);
            steps = steps[together..];
        }
    }

    private void Take<TRule>(ReadOnlySpan<BatchStep> steps)
        where TRule : struct, IUpdateRule
    {
        foreach (ref readonly BatchStep step in steps)
        {
            Examples block = BlockOf(step, out int index);
            if (ArticlePerturbation is not null)
            {
                ArticlePerturbation.MoveTo(step.Perturbation.Step);
                _network.Step<TRule>(block, index, step.Optimizer, ArticlePerturbation);
            }
            else
            {
                _network.Step<TRule>(block, index, step.Optimizer, step.Perturbation);
            }
        }
    }

    private void TakeByCurvature<TRule>(ReadOnlySpan<BatchStep> steps)
        where TRule : struct, ICurvatureRule
    {
        foreach (ref readonly BatchStep step in steps)
        {
            if (step.CurvatureExamples > 0)
            {
                _network.EstimateCurvature(_train.Sample, step.CurvatureExamples);
            }

            Examples block = BlockOf(step, out int index);
            if (ArticlePerturbation is not null)
            {
                ArticlePerturbation.MoveTo(step.Perturbation.Step);
                _network.StepByCurvature<TRule>(block, index, step.Optimizer, ArticlePerturbation);
            }
            else
            {
                _network.StepByCurvature<TRule>(block, index, step.Optimizer, step.Perturbation);
            }
        }
    }

    /// <summary>Steps of which a teacher has seen the examples, as the steps show them.</summary>
    private void Learn<TRule>(ReadOnlySpan<BatchStep> steps, Examples taught)
        where TRule : struct, IUpdateRule
    {
        for (int step = 0; step < steps.Length; step++)
        {
            _network.Step<TRule>(taught, step, steps[step].Optimizer, steps[step].Perturbation.OfUnits);
        }
    }

    private void LearnByMatrices<TRule, TVectors>(ReadOnlySpan<BatchStep> steps, Examples taught)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule
    {
        for (int step = 0; step < steps.Length; step++)
        {
            _network.StepByMatrices<TRule, TVectors>(taught, step, steps[step].Optimizer, steps[step].Perturbation.OfUnits);
        }
    }

    private void TakeByMatrices<TRule, TVectors>(ReadOnlySpan<BatchStep> steps)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule
    {
        foreach (ref readonly BatchStep step in steps)
        {
            Examples block = BlockOf(step, out int index);
            if (ArticlePerturbation is not null)
            {
                ArticlePerturbation.MoveTo(step.Perturbation.Step);
                _network.StepByMatrices<TRule, TVectors>(block, index, step.Optimizer, ArticlePerturbation);
            }
            else
            {
                _network.StepByMatrices<TRule, TVectors>(block, index, step.Optimizer, step.Perturbation);
            }
        }
    }

    private Examples BlockOf(in BatchStep step, out int index) => step.Count == 1
        ? _train.BlockOf(step.Start, out index)
        : throw new ArgumentException($"A step per example looks at one example, not at {step.Count}.", nameof(step));

    private readonly ref struct Taking(PerExampleTrainer trainer, ReadOnlySpan<BatchStep> steps) : IOptimizerVisitor
    {
        private readonly ReadOnlySpan<BatchStep> _steps = steps;

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => trainer.Take<TRule>(_steps);

        public void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule => trainer.TakeByCurvature<TRule>(_steps);

        public void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule => trainer.TakeByMatrices<TRule, TVectors>(_steps);
    }

    private ref struct Profiling(PerExampleTrainer trainer, ReadOnlySpan<BatchStep> steps) : IOptimizerVisitor
    {
        private readonly ReadOnlySpan<BatchStep> _steps = steps;
        private LayerClock _clock = LayerClock.Create();

        public readonly LayerClock Clock => _clock;

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule
        {
            _clock.Start();
            foreach (ref readonly BatchStep step in _steps)
            {
                Examples block = trainer.BlockOf(step, out int index);
                if (trainer.IsInPlace)
                {
                    trainer._network.TimeTraining(block, index, 1, step.Optimizer.LearningRate, ref _clock);
                }
                else
                {
                    trainer.ArticlePerturbation?.MoveTo(step.Perturbation.Step);
                    trainer._network.TimeStep<TRule>(
                        block, index, step.Optimizer, step.Perturbation, trainer.ArticlePerturbation, ref _clock);
                }
            }
        }

        public readonly void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule => throw new NotSupportedException("Steps of second derivatives are not timed.");

        public readonly void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule => throw new NotSupportedException("Steps of whole matrices are not timed.");
    }

    private readonly ref struct Learning(PerExampleTrainer trainer, ReadOnlySpan<BatchStep> steps, Examples taught) : IOptimizerVisitor
    {
        private readonly ReadOnlySpan<BatchStep> _steps = steps;

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => trainer.Learn<TRule>(_steps, taught);

        public void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule =>
            throw new NotSupportedException("Second derivatives are those of labels alone, not of a teacher's outputs.");

        public void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule => trainer.LearnByMatrices<TRule, TVectors>(_steps, taught);
    }
}
