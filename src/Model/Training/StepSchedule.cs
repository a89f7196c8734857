using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Randomness;
using GpuConvnet.Model.Schedules;

namespace GpuConvnet.Model.Training;

/// <summary>Every step of a run, by its number: its examples, its learning rate and its perturbation.</summary>
public sealed class StepSchedule
{
    /// <summary>Sets what orders are drawn from apart from the numbers of perturbations, whose last word is 0.</summary>
    private const uint OrderAddress = 1;

    private readonly OptimizerOptions _optimizer;
    private readonly LearningRateSchedule _rates;
    private readonly int _totalSteps;
    private readonly int _examples;
    private readonly int _batch;
    private readonly int _stepsPerPass;
    private readonly Perturbation _perturbation;

    /// <summary>The first step whose images are no longer turned, scaled and bent.</summary>
    private readonly int _firstUndistorted;
    private readonly uint _seed;
    private readonly PresentationOrder _order;
    private BatchStep[] _steps = [];
    private int[]? _permutation;
    private int _permutedPass = -1;

    /// <summary>Describes a run, whose learning rates are the optimizer's own schedule.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="totalSteps">How many steps the run has: where a learning rate that falls arrives.</param>
    /// <param name="examples">How many examples a pass presents, 1 or more.</param>
    /// <param name="batch">How many of them a step looks at, 1 or more; the last one of a pass may look at fewer.</param>
    /// <param name="perturbation">The kind of perturbation.</param>
    /// <param name="seed">The seed that every step's perturbation is drawn from, and the order of examples.</param>
    /// <param name="order">The order of examples; other than their own for batches of one alone.</param>
    /// <param name="undistorted">
    /// The share of the steps, the last ones, whose images are rolled alone, not turned, scaled or bent; 0 to 1.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There are no examples, a batch has none, or the share is not from 0 to 1.
    /// </exception>
    /// <exception cref="ArgumentException">Batches of several are to be presented in another order than the examples' own.</exception>
    public StepSchedule(
        OptimizerOptions optimizer,
        int totalSteps,
        int examples,
        int batch,
        in Perturbation perturbation,
        uint seed,
        PresentationOrder order = PresentationOrder.AsTheyAre,
        double undistorted = 0)
        : this(optimizer, Rates(optimizer, examples, batch), totalSteps, examples, batch, perturbation, seed, order, undistorted)
    {
    }

    /// <summary>Describes a run.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="rates">The learning rates.</param>
    /// <param name="totalSteps">How many steps the run has.</param>
    /// <param name="examples">How many examples a pass presents.</param>
    /// <param name="batch">How many of them a step looks at; the last one of a pass may look at fewer.</param>
    /// <param name="perturbation">The kind of perturbation.</param>
    /// <param name="seed">The seed that every step's perturbation is drawn from, and the order of examples.</param>
    /// <param name="order">The order of examples; other than their own for batches of one alone.</param>
    /// <param name="undistorted">The share of the steps, the last ones, whose images are not distorted.</param>
    internal StepSchedule(
        OptimizerOptions optimizer,
        LearningRateSchedule rates,
        int totalSteps,
        int examples,
        int batch,
        in Perturbation perturbation,
        uint seed,
        PresentationOrder order = PresentationOrder.AsTheyAre,
        double undistorted = 0)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(rates);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(examples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        _optimizer = optimizer;
        _rates = rates;
        _totalSteps = totalSteps;
        _examples = examples;
        _batch = batch;
        _stepsPerPass = StepsPerPass(examples, batch);
        _perturbation = perturbation;

        // Written so that what is no number is refused.
        _firstUndistorted = undistorted is >= 0 and <= 1
            ? totalSteps - (int)Math.Round(undistorted * totalSteps)
            : throw new ArgumentOutOfRangeException(nameof(undistorted), undistorted, "Expected a share from 0 to 1.");
        _seed = seed;
        _order = batch == 1 || order == PresentationOrder.AsTheyAre
            ? order
            : throw new ArgumentException("Examples are presented in another order one by one alone.", nameof(order));
    }

    /// <summary>Some steps, one after the other.</summary>
    /// <param name="first">The first of them, from 0.</param>
    /// <param name="count">How many.</param>
    /// <returns>The steps, which stay as they are until the next call.</returns>
    public ReadOnlySpan<BatchStep> Steps(long first, int count)
    {
        if (_steps.Length < count)
        {
            _steps = new BatchStep[count];
        }

        for (int i = 0; i < count; i++)
        {
            int step = (int)first + i;
            int start = step % _stepsPerPass * _batch;
            Perturbation perturbation = _perturbation.At(_seed, (uint)step);
            _steps[i] = new BatchStep(
                _order == PresentationOrder.AsTheyAre ? start : Presented(step / _stepsPerPass, start),
                Math.Min(_batch, _examples - start),
                Constants(step),
                step < _firstUndistorted ? perturbation : perturbation.Undistorted,
                _optimizer.CurvatureExamplesBefore(step));
        }

        return _steps.AsSpan(0, count);
    }

    /// <summary>Examples of a pass.</summary>
    internal int Examples => _examples;

    /// <summary>How many of them a step looks at; the last one of a pass may look at fewer.</summary>
    internal int Batch => _batch;

    /// <summary>The steps of a pass.</summary>
    internal int StepsOfPass => _stepsPerPass;

    /// <summary>The order of examples.</summary>
    internal PresentationOrder Order => _order;

    /// <summary>The perturbation that steps draw anew, before the undistorted ones, with the run's seed.</summary>
    internal Perturbation Perturbation => _perturbation.At(_seed, step: 0);

    /// <summary>The optimizer's constants for one step. Safe for use by several threads at once.</summary>
    /// <param name="step">The step, from 0.</param>
    internal OptimizerConstants Constants(long step) => _optimizer.Constants(_rates.Rate(step, _totalSteps), (int)step);

    /// <summary>Whether another run's steps have the same constants, one by one.</summary>
    /// <param name="other">That run.</param>
    internal bool HasConstantsOf(StepSchedule other) =>
        _optimizer == other._optimizer && _rates == other._rates && _totalSteps == other._totalSteps;

    private static int StepsPerPass(int examples, int batch) => (examples + batch - 1) / batch;

    private static LearningRateSchedule Rates(OptimizerOptions optimizer, int examples, int batch)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(examples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        return optimizer.LearningRateSchedule(StepsPerPass(examples, batch));
    }

    /// <summary>The example at a place of a pass. Each order can be had from its pass alone, so that a run can be resumed.</summary>
    private int Presented(int pass, int place)
    {
        if (_order == PresentationOrder.ShuffledOnce)
        {
            pass = 0;
        }

        if (_permutedPass != pass || _permutation is null)
        {
            uint seed = Philox.At((uint)pass, 0, 0, OrderAddress, _seed, 0).Word0;
            _permutation = new Mt19937(seed).NextNumpyPermutation(_examples);
            _permutedPass = pass;
        }

        return _permutation[place];
    }
}
