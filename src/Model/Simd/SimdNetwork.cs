using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// The network on one core, an example at a time, in float32: what the article does, and what every kernel is checked
/// against. Not safe for use by several threads at once.
/// </summary>
public abstract class SimdNetwork : INetwork
{
    /// <summary>Creates a network with all parameters 0.</summary>
    /// <param name="options">Its activations and loss.</param>
    /// <exception cref="NotSupportedException">
    /// Cross entropy was asked for with outputs that are not linear, label smoothing with another loss, or another shape.
    /// </exception>
    public static SimdNetwork Create(NetworkOptions options) => Create(options, shared: null);

    /// <summary>Creates a network with parameters of its own, or on those of others.</summary>
    /// <param name="options">Its activations and loss.</param>
    /// <param name="shared">The others'; null for its own.</param>
    internal static SimdNetwork Create(NetworkOptions options, TrainedParameters? shared)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Shape.UnsupportedReason is { } reason)
        {
            throw new NotSupportedException($"The network on the processor cannot have this shape: {reason}.");
        }

        Creation creation = new(options, shared);
        options.Accept(ref creation);
        return creation.Network!;
    }

    /// <summary>Sets the parameters and forgets the optimizer's state.</summary>
    /// <param name="parameters">9,760 values in the order of <see cref="Parameters"/>.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public abstract void Load(ReadOnlySpan<float> parameters);

    /// <summary>Copies the parameters out.</summary>
    /// <param name="parameters">Room for 9,760 values in the order of <see cref="Parameters"/>.</param>
    /// <exception cref="ArgumentException">There is room for more or fewer.</exception>
    public abstract void Store(Span<float> parameters);

    /// <summary>
    /// Per-example SGD: for each example in turn, parameters -= learningRate * gradient of that example's loss.
    /// Allocates nothing.
    /// </summary>
    /// <param name="examples">The training set.</param>
    /// <param name="start">The first example to present.</param>
    /// <param name="count">How many, in the order of the set.</param>
    /// <param name="learningRate">The step's length.</param>
    /// <exception cref="ArgumentOutOfRangeException">The set has no such range.</exception>
    /// <exception cref="NotSupportedException">The network's weights are normalized.</exception>
    public abstract void Train(Examples examples, int start, int count, float learningRate);

    /// <summary>
    /// One step of any optimizer by the gradient of one example's loss, each parameter's the moment its gradient is there. Allocates
    /// nothing. Plain SGD is faster by <see cref="Train"/>, whose learning rate is a factor of the outputs' deltas.
    /// </summary>
    /// <typeparam name="TRule">The optimizer's rule; always the same one between two <see cref="Load"/>s.</typeparam>
    /// <param name="examples">The training set.</param>
    /// <param name="example">Which example.</param>
    /// <param name="step">The optimizer's constants for this step.</param>
    /// <param name="perturbation">The step's augmentation and dropout.</param>
    /// <exception cref="ArgumentOutOfRangeException">The set has no such example.</exception>
    /// <exception cref="NotSupportedException">The network's weights are normalized.</exception>
    internal abstract void Step<TRule>(Examples examples, int example, in OptimizerConstants step, in Perturbation perturbation)
        where TRule : struct, IUpdateRule;

    /// <summary>The same as <see cref="Train"/>, and how long each pass takes.</summary>
    /// <param name="examples">The training set.</param>
    /// <param name="start">The first example to present.</param>
    /// <param name="count">How many, in the order of the set.</param>
    /// <param name="learningRate">The step's length.</param>
    /// <param name="clock">Adds the passes' times up.</param>
    internal abstract void TimeTraining(Examples examples, int start, int count, float learningRate, ref LayerClock clock);

    /// <summary>One step of an optimizer, and how long each pass takes.</summary>
    /// <typeparam name="TRule">The optimizer's rule.</typeparam>
    /// <param name="examples">The training set.</param>
    /// <param name="example">Which example.</param>
    /// <param name="step">The optimizer's constants for this step.</param>
    /// <param name="perturbation">The step's augmentation and dropout.</param>
    /// <param name="article">The article's own random numbers, drawn instead; null for the perturbation's.</param>
    /// <param name="clock">Adds the passes' times up.</param>
    internal abstract void TimeStep<TRule>(
        Examples examples, int example, in OptimizerConstants step, in Perturbation perturbation, ArticlePerturbation? article,
        ref LayerClock clock)
        where TRule : struct, IUpdateRule;

    /// <summary>
    /// Takes up a training of <see cref="Step{TRule}(Examples, int, in OptimizerConstants, in Perturbation)"/> where it was left.
    /// </summary>
    /// <param name="state">What <see cref="SaveState"/> gave.</param>
    internal abstract void LoadState(TrainingState state);

    /// <summary>Copies out everything that the steps to come depend on.</summary>
    internal abstract TrainingState SaveState();

    /// <summary>The same with the article's own random numbers.</summary>
    /// <typeparam name="TRule">The optimizer's rule; always the same one between two <see cref="Load"/>s.</typeparam>
    /// <param name="examples">The training set.</param>
    /// <param name="example">Which example.</param>
    /// <param name="step">The optimizer's constants for this step.</param>
    /// <param name="perturbation">The augmentation and dropout, at this step.</param>
    /// <exception cref="ArgumentOutOfRangeException">The set has no such example.</exception>
    /// <exception cref="NotSupportedException">The network's weights are normalized.</exception>
    internal abstract void Step<TRule>(Examples examples, int example, in OptimizerConstants step, ArticlePerturbation perturbation)
        where TRule : struct, IUpdateRule;

    /// <summary>
    /// One step of an optimizer by the gradient and the second derivatives of one example's loss, both at the parameters before
    /// it. Allocates nothing but for the first step.
    /// </summary>
    /// <typeparam name="TRule">The optimizer's rule; always the same one between two <see cref="Load"/>s.</typeparam>
    /// <param name="examples">The training set.</param>
    /// <param name="example">Which example.</param>
    /// <param name="step">The optimizer's constants for this step.</param>
    /// <param name="perturbation">The step's augmentation and dropout.</param>
    /// <exception cref="ArgumentOutOfRangeException">The set has no such example.</exception>
    /// <exception cref="NotSupportedException">The network's weights are normalized.</exception>
    internal abstract void StepByCurvature<TRule>(
        Examples examples, int example, in OptimizerConstants step, in Perturbation perturbation)
        where TRule : struct, ICurvatureRule;

    /// <summary>The same with the article's own random numbers.</summary>
    /// <typeparam name="TRule">The optimizer's rule; always the same one between two <see cref="Load"/>s.</typeparam>
    /// <param name="examples">The training set.</param>
    /// <param name="example">Which example.</param>
    /// <param name="step">The optimizer's constants for this step.</param>
    /// <param name="perturbation">The augmentation and dropout, at this step.</param>
    /// <exception cref="ArgumentOutOfRangeException">The set has no such example.</exception>
    /// <exception cref="NotSupportedException">The network's weights are normalized.</exception>
    internal abstract void StepByCurvature<TRule>(
        Examples examples, int example, in OptimizerConstants step, ArticlePerturbation perturbation)
        where TRule : struct, ICurvatureRule;

    /// <summary>
    /// One step of an optimizer that moves weight matrices as a whole, by the gradient of one example's loss. Allocates nothing but
    /// for the first step.
    /// </summary>
    /// <typeparam name="TRule">The rule of matrices; always the same one between two <see cref="Load"/>s.</typeparam>
    /// <typeparam name="TVectors">The rule of the other parameters.</typeparam>
    /// <param name="examples">The training set.</param>
    /// <param name="example">Which example.</param>
    /// <param name="step">The optimizer's constants for this step.</param>
    /// <param name="perturbation">The step's augmentation and dropout.</param>
    /// <exception cref="ArgumentOutOfRangeException">The set has no such example.</exception>
    /// <exception cref="NotSupportedException">The network's weights are normalized.</exception>
    internal abstract void StepByMatrices<TRule, TVectors>(
        Examples examples, int example, in OptimizerConstants step, in Perturbation perturbation)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule;

    /// <summary>The same with the article's own random numbers.</summary>
    /// <typeparam name="TRule">The rule of matrices; always the same one between two <see cref="Load"/>s.</typeparam>
    /// <typeparam name="TVectors">The rule of the other parameters.</typeparam>
    /// <param name="examples">The training set.</param>
    /// <param name="example">Which example.</param>
    /// <param name="step">The optimizer's constants for this step.</param>
    /// <param name="perturbation">The augmentation and dropout, at this step.</param>
    /// <exception cref="ArgumentOutOfRangeException">The set has no such example.</exception>
    /// <exception cref="NotSupportedException">The network's weights are normalized.</exception>
    internal abstract void StepByMatrices<TRule, TVectors>(
        Examples examples, int example, in OptimizerConstants step, ArticlePerturbation perturbation)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule;

    /// <summary>
    /// Sets the optimizer's means of second derivatives to those of some examples, spread evenly over a set, without perturbation.
    /// </summary>
    /// <param name="examples">The set.</param>
    /// <param name="count">How many of it; all of a set that has fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The set is empty, or no examples were asked for.</exception>
    internal abstract void EstimateCurvature(Examples examples, int count);

    /// <summary>The mean loss over a set, without label smoothing, and how many of it are misclassified.</summary>
    /// <param name="examples">The set.</param>
    /// <exception cref="ArgumentException">The set is empty.</exception>
    public abstract Evaluation Evaluate(Examples examples);

    /// <summary>The mean over a set of what training minimises: the loss with label smoothing.</summary>
    /// <param name="examples">The set.</param>
    /// <exception cref="ArgumentException">The set is empty.</exception>
    public abstract double TrainingLoss(Examples examples);

    /// <summary>The ten outputs for one image.</summary>
    /// <param name="image">(16, 16), values in [-1, 1].</param>
    /// <param name="outputs">Room for ten values.</param>
    /// <exception cref="ArgumentException">Either has another length.</exception>
    public abstract void Outputs(ReadOnlySpan<float> image, Span<float> outputs);

    /// <inheritdoc/>
    public void Outputs(Examples examples, Span<float> outputs)
    {
        ArgumentNullException.ThrowIfNull(examples);
        if (outputs.Length != examples.Count * Shape1989.Outputs)
        {
            throw new ArgumentException(
                $"Expected room for {examples.Count * Shape1989.Outputs} values, found {outputs.Length}.", nameof(outputs));
        }

        for (int example = 0; example < examples.Count; example++)
        {
            Outputs(examples.Image(example), outputs.Slice(example * Shape1989.Outputs, Shape1989.Outputs));
        }
    }

    /// <summary>
    /// The gradient of the mean training loss over some examples, and that loss; the parameters stay as they are.
    /// </summary>
    /// <param name="examples">The set they are from.</param>
    /// <param name="start">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="gradient">Room for 9,760 values in the order of <see cref="Parameters"/>.</param>
    /// <returns>The mean loss.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The set has no such range, or it is empty.</exception>
    /// <exception cref="ArgumentException"><paramref name="gradient"/> has another length.</exception>
    public abstract double Gradient(Examples examples, int start, int count, Span<float> gradient);

    /// <summary>
    /// Adds the scaled gradients of some examples' losses, in the order of the set, to a packed vector.
    /// </summary>
    internal abstract void AddGradient(
        Examples examples, int start, int count, in Perturbation perturbation, float scale, AlignedFloats packedGradient);

    /// <summary>
    /// Adds the scaled gradients of some examples' losses, and their second derivatives, in the order of the set, to packed vectors.
    /// </summary>
    internal abstract void AddGradientAndCurvature(
        Examples examples, int start, int count, in Perturbation perturbation, float scale, AlignedFloats packedGradient,
        AlignedFloats packedCurvature);

    /// <summary>The same, and tells a clock when each layer has been passed.</summary>
    internal abstract void AddGradientAndCurvature(
        Examples examples, int start, int count, in Perturbation perturbation, float scale, AlignedFloats packedGradient,
        AlignedFloats packedCurvature, ref LayerClock clock);

    /// <summary>The same, and tells a clock when each layer has been passed.</summary>
    internal abstract void AddGradient(
        Examples examples,
        int start,
        int count,
        in Perturbation perturbation,
        float scale,
        AlignedFloats packedGradient,
        ref LayerClock clock);

    /// <inheritdoc cref="TrainedParameters.AtAverage"/>
    internal abstract TrainedParameters.Average AtAverage(Optimizer optimizer);

    /// <summary>
    /// The activations and scaled deltas of one example, 1,000 each in the order H1 (12, 8, 8), H2 (12, 4, 4), H3, output:
    /// what a device's kernels are checked against.
    /// </summary>
    internal abstract void Trace(
        Examples examples, int example, in Perturbation perturbation, float scale, Span<float> activations, Span<float> deltas);

    /// <summary>
    /// The sum of the losses of some examples, without label smoothing, and how many of them are misclassified.
    /// </summary>
    internal abstract (double Loss, int Misses) SumLosses(Examples examples, int start, int count);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the network's memory.</summary>
    /// <param name="disposing">Whether this is an orderly end, not a finalizer.</param>
    protected abstract void Dispose(bool disposing);

    private struct Creation(NetworkOptions options, TrainedParameters? shared) : INetworkVisitor
    {
        public SimdNetwork? Network { get; private set; }

        public void Visit<THidden, TOutput, TLoss>()
            where THidden : struct, IActivation
            where TOutput : struct, IActivation
            where TLoss : struct, ILoss => Network = new SpecializedSimdNetwork<THidden, TOutput, TLoss>(options, shared);
    }
}
