using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Simd;

/// <summary>The vector path for one choice of activations and loss.</summary>
internal sealed unsafe class SpecializedSimdNetwork<THidden, TOutput, TLoss> : SimdNetwork
    where THidden : struct, IActivation
    where TOutput : struct, IActivation
    where TLoss : struct, ILoss
{
    private readonly NetworkOptions _options;
    private readonly Targets _targets;
    private readonly Workspace _workspace = new();
    private readonly H2AnyTable? _anyTable;
    private readonly AlignedFloats _gradient = new(SimdLayout.Count);
    private AlignedFloats? _curvature;
    private SquaredWorkspace? _squares;
    private readonly float[] _distorted = new float[InputUnits];
    private readonly TrainedParameters _parameters;
    private readonly bool _ownsParameters;

    /// <summary>Creates a network with parameters of its own, or on those of others.</summary>
    public SpecializedSimdNetwork(NetworkOptions options, TrainedParameters? shared)
    {
        _options = options;
        _targets = TLoss.Targets(options.LabelSmoothing);
        _anyTable = options.Connections.Equals(H2Connections.Article) ? null : new H2AnyTable(options.Connections);
        _parameters = shared ?? new TrainedParameters();
        _ownsParameters = shared is null;
    }

    /// <inheritdoc/>
    public override void Load(ReadOnlySpan<float> parameters)
    {
        VectorLength.Require(parameters.Length, Parameters.Count, nameof(parameters));
        _parameters.Load(parameters);
    }

    /// <inheritdoc/>
    public override void Store(Span<float> parameters)
    {
        VectorLength.Require(parameters.Length, Parameters.Count, nameof(parameters));
        _parameters.Store(parameters);
    }

    /// <inheritdoc/>
    internal override void LoadState(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _parameters.LoadState(state);
    }

    /// <inheritdoc/>
    internal override TrainingState SaveState() => _parameters.SaveState();

    /// <inheritdoc/>
    public override void Train(Examples examples, int start, int count, float learningRate)
    {
        NoClock clock = default;
        Train(examples, start, count, learningRate, ref clock);
    }

    /// <inheritdoc/>
    internal override void TimeTraining(Examples examples, int start, int count, float learningRate, ref LayerClock clock) =>
        Train(examples, start, count, learningRate, ref clock);

    /// <inheritdoc/>
    internal override void Step<TRule>(Examples examples, int example, in OptimizerConstants step, in Perturbation perturbation)
    {
        NoClock clock = default;
        Step<TRule, NoClock>(examples, example, step, perturbation, article: null, ref clock);
    }

    /// <inheritdoc/>
    internal override void Step<TRule>(Examples examples, int example, in OptimizerConstants step, ArticlePerturbation perturbation)
    {
        NoClock clock = default;
        Step<TRule, NoClock>(examples, example, step, Perturbation.None, perturbation, ref clock);
    }

    /// <inheritdoc/>
    internal override void TimeStep<TRule>(
        Examples examples, int example, in OptimizerConstants step, in Perturbation perturbation, ArticlePerturbation? article,
        ref LayerClock clock) => Step<TRule, LayerClock>(examples, example, step, perturbation, article, ref clock);

    /// <inheritdoc/>
    internal override void StepByMatrices<TRule, TVectors>(
        Examples examples, int example, in OptimizerConstants step, in Perturbation perturbation)
    {
        RequireRange(examples, example, 1);
        RequirePlainWeights();
        NoClock clock = default;
        Present(examples, example, perturbation, new SetTo(_gradient.Pointer), ref clock);
        _parameters.Update<TRule, TVectors>(_gradient.Pointer, step);
    }

    /// <inheritdoc/>
    internal override void StepByMatrices<TRule, TVectors>(
        Examples examples, int example, in OptimizerConstants step, ArticlePerturbation perturbation)
    {
        RequireRange(examples, example, 1);
        RequirePlainWeights();
        NoClock clock = default;
        ReadOnlySpan<float> image = Perturbed(examples, example, perturbation);
        Present(image, examples, example, perturbation.Drops, new SetTo(_gradient.Pointer), ref clock);
        _parameters.Update<TRule, TVectors>(_gradient.Pointer, step);
    }

    /// <inheritdoc/>
    internal override void StepByCurvature<TRule>(
        Examples examples, int example, in OptimizerConstants step, in Perturbation perturbation)
    {
        RequireRange(examples, example, 1);
        StepByCurvature<TRule>(
            Perturbed(examples, example, perturbation), examples, example, perturbation.Drops, step);
    }

    /// <inheritdoc/>
    internal override void StepByCurvature<TRule>(
        Examples examples, int example, in OptimizerConstants step, ArticlePerturbation perturbation)
    {
        RequireRange(examples, example, 1);
        StepByCurvature<TRule>(
            Perturbed(examples, example, perturbation), examples, example, perturbation.Drops, step);
    }

    /// <inheritdoc/>
    internal override void EstimateCurvature(Examples examples, int count)
    {
        ArgumentNullException.ThrowIfNull(examples);
        count = Math.Min(count, examples.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        AlignedFloats curvature = _curvature ??= new AlignedFloats(SimdLayout.Count);
        curvature.Span.Clear();
        SquaredWorkspace squares = SquaredParameters();
        AddTo sum = new(curvature.Pointer, 1f / count);
        NoClock clock = default;
        for (int i = 0; i < count; i++)
        {
            int example = (int)((long)i * examples.Count / count);
            Forward(examples.Image(example), _workspace.H2, ref clock);
            BackwardCurvature(squares, drops: false, sum);
        }

        _parameters.SetCurvature(curvature.Pointer);
    }

    /// <inheritdoc/>
    public override Evaluation Evaluate(Examples examples)
    {
        RequireRange(examples, 0, examples.Count);
        ArgumentOutOfRangeException.ThrowIfZero(examples.Count, nameof(examples));
        (double loss, int misses) = SumLosses(examples, 0, examples.Count);
        return new Evaluation(examples.Count, loss / examples.Count, misses);
    }

    /// <inheritdoc/>
    public override void Outputs(ReadOnlySpan<float> image, Span<float> outputs)
    {
        VectorLength.Require(image.Length, InputUnits, nameof(image));
        VectorLength.Require(outputs.Length, Shape1989.Outputs, nameof(outputs));
        Infer(image);
        new ReadOnlySpan<float>(_workspace.Output, Shape1989.Outputs).CopyTo(outputs);
    }

    /// <inheritdoc/>
    public override double Gradient(Examples examples, int start, int count, Span<float> gradient)
    {
        RequireRange(examples, start, count);
        ArgumentOutOfRangeException.ThrowIfZero(count);
        VectorLength.Require(gradient.Length, Parameters.Count, nameof(gradient));
        _gradient.Span.Clear();
        AddGradient(examples, start, count, Perturbation.None, 1f / count, _gradient);
        SimdLayout.Unpack(_gradient.Span, gradient);
        return SumLosses(examples, start, count, _targets).Loss / count;
    }

    /// <inheritdoc/>
    public override double TrainingLoss(Examples examples)
    {
        RequireRange(examples, 0, examples.Count);
        ArgumentOutOfRangeException.ThrowIfZero(examples.Count, nameof(examples));
        return SumLosses(examples, 0, examples.Count, _targets).Loss / examples.Count;
    }

    /// <inheritdoc/>
    internal override void AddGradient(
        Examples examples, int start, int count, in Perturbation perturbation, float scale, AlignedFloats packedGradient)
    {
        NoClock clock = default;
        AddGradient(examples, start, count, perturbation, new AddTo(packedGradient.Pointer, scale), ref clock);
    }

    /// <inheritdoc/>
    internal override void AddGradientAndCurvature(
        Examples examples, int start, int count, in Perturbation perturbation, float scale, AlignedFloats packedGradient,
        AlignedFloats packedCurvature)
    {
        NoClock clock = default;
        AddBoth(examples, start, count, perturbation, scale, packedGradient, packedCurvature, ref clock);
    }

    /// <inheritdoc/>
    internal override void AddGradientAndCurvature(
        Examples examples, int start, int count, in Perturbation perturbation, float scale, AlignedFloats packedGradient,
        AlignedFloats packedCurvature, ref LayerClock clock) =>
        AddBoth(examples, start, count, perturbation, scale, packedGradient, packedCurvature, ref clock);

    /// <inheritdoc/>
    internal override void AddGradient(
        Examples examples,
        int start,
        int count,
        in Perturbation perturbation,
        float scale,
        AlignedFloats packedGradient,
        ref LayerClock clock) =>
        AddGradient(examples, start, count, perturbation, new AddTo(packedGradient.Pointer, scale), ref clock);

    /// <inheritdoc/>
    internal override TrainedParameters.Average AtAverage(Optimizer optimizer) => _parameters.AtAverage(optimizer);

    /// <inheritdoc/>
    internal override void Trace(
        Examples examples, int example, in Perturbation perturbation, float scale, Span<float> activations, Span<float> deltas)
    {
        AddGradient(examples, example, 1, perturbation, scale, _gradient);
        SimdLayout.UnpackUnits(_workspace.H1, _workspace.H2, _workspace.H3, _workspace.Output, activations);
        SimdLayout.UnpackUnits(
            _workspace.H1Delta, _workspace.H2Delta, _workspace.H3Delta, _workspace.OutputDelta, deltas);
    }

    /// <inheritdoc/>
    internal override (double Loss, int Misses) SumLosses(Examples examples, int start, int count) =>
        SumLosses(examples, start, count, TLoss.Targets(labelSmoothing: 0));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _workspace.Dispose();
        _anyTable?.Dispose();
        _gradient.Dispose();
        _curvature?.Dispose();
        _squares?.Dispose();
        if (_ownsParameters)
        {
            _parameters.Dispose();
        }
    }

    private (double Loss, int Misses) SumLosses(Examples examples, int start, int count, Targets targets)
    {
        ReadOnlySpan<float> outputs = new(_workspace.Output, Shape1989.Outputs);
        double loss = 0;
        int misses = 0;
        for (int example = start; example < start + count; example++)
        {
            Infer(examples.Image(example));
            loss += TLoss.Value(outputs, examples.Label(example), targets);
            if (IndexOfLargest(outputs) != examples.Label(example))
            {
                misses++;
            }
        }

        return (loss, misses);
    }

    /// <summary>Input to output, with no backward pass to follow.</summary>
    private void Infer(ReadOnlySpan<float> image)
    {
        NoClock clock = default;
        _workspace.KeepsDerivatives = false;
        Forward(image, _workspace.H2, ref clock);
        _workspace.KeepsDerivatives = true;
    }

    private void AddGradient<TClock>(
        Examples examples, int start, int count, in Perturbation perturbation, AddTo sum, ref TClock clock)
        where TClock : struct, ILayerClock
    {
        for (int example = start; example < start + count; example++)
        {
            Present(examples, example, perturbation, sum, ref clock);
        }
    }

    private void AddBoth<TClock>(
        Examples examples, int start, int count, in Perturbation perturbation, float scale, AlignedFloats packedGradient,
        AlignedFloats packedCurvature, ref TClock clock)
        where TClock : struct, ILayerClock
    {
        SquaredWorkspace squares = SquaredParameters();
        float* h2 = perturbation.Drops ? _workspace.H2AfterDropout : _workspace.H2;
        for (int example = start; example < start + count; example++)
        {
            ReadOnlySpan<float> image = Perturbed(examples, example, perturbation);
            clock.Passed(LayerPass.Noise);
            Forward(image, h2, ref clock);
            BackwardCurvature(squares, perturbation.Drops, new AddTo(packedCurvature.Pointer, scale));
            clock.Passed(LayerPass.Curvature);
            Backward(examples, example, h2, new AddTo(packedGradient.Pointer, scale), ref clock);
        }
    }

    /// <summary>One example forward and backward, with the perturbation that it meets in this step.</summary>
    private void Present<TStep, TClock>(
        Examples examples, int example, in Perturbation perturbation, TStep step, ref TClock clock)
        where TStep : struct, IGradientSink
        where TClock : struct, ILayerClock
    {
        ReadOnlySpan<float> image = Perturbed(examples, example, perturbation);
        clock.Passed(LayerPass.Noise);
        Present(image, examples, example, perturbation.Drops, step, ref clock);
    }

    /// <summary>An image as a step meets it; what dropout keeps is drawn into the workspace.</summary>
    private ReadOnlySpan<float> Perturbed(Examples examples, int example, in Perturbation perturbation)
    {
        ReadOnlySpan<float> image = examples.Image(example);
        int place = examples.PlaceOf(example);
        if (perturbation.Distorts || perturbation.MaximumShift > 0)
        {
            ImageDistorter.Perturb(perturbation, place, image, _distorted);
            image = _distorted;
        }

        if (perturbation.Drops)
        {
            Dropout.DrawFactors(_workspace, perturbation, place);
        }

        return image;
    }

    /// <summary>The same with the article's own random numbers.</summary>
    private ReadOnlySpan<float> Perturbed(Examples examples, int example, ArticlePerturbation perturbation)
    {
        Span<float> factors = stackalloc float[Shape1989.H2Units];
        perturbation.Draw(out int rows, out int columns, factors);
        if (perturbation.Drops)
        {
            Dropout.SetFactors(_workspace, factors);
        }

        ReadOnlySpan<float> image = examples.Image(example);
        if (perturbation.MaximumShift > 0)
        {
            Perturbation.Roll(image, _distorted, rows, columns);
            image = _distorted;
        }

        return image;
    }

    private void Train<TClock>(Examples examples, int start, int count, float learningRate, ref TClock clock)
        where TClock : struct, ILayerClock
    {
        RequireRange(examples, start, count);
        RequirePlainWeights();
        AddTo sgd = new(_parameters.Pointer, -learningRate);
        for (int example = start; example < start + count; example++)
        {
            Forward(examples.Image(example), _workspace.H2, ref clock);
            Backward(examples, example, _workspace.H2, sgd, ref clock);
        }
    }

    private void Step<TRule, TClock>(
        Examples examples, int example, in OptimizerConstants step, in Perturbation perturbation, ArticlePerturbation? article,
        ref TClock clock)
        where TRule : struct, IUpdateRule
        where TClock : struct, ILayerClock
    {
        RequireRange(examples, example, 1);
        RequirePlainWeights();
        ReadOnlySpan<float> image = article is null
            ? Perturbed(examples, example, perturbation)
            : Perturbed(examples, example, article);
        bool drops = article?.Drops ?? perturbation.Drops;
        clock.Passed(LayerPass.Noise);
        if (Vector512.IsHardwareAccelerated)
        {
            Present(image, examples, example, drops, _parameters.UpdateBy<TRule>(step), ref clock);
        }
        else
        {
            // In narrower vectors a rule is too much code to be repeated wherever there is a gradient: the compiler gives up.
            Present(image, examples, example, drops, new SetTo(_gradient.Pointer), ref clock);
            _parameters.Update<TRule>(_gradient.Pointer, step);
        }
    }

    private void StepByCurvature<TRule>(
        ReadOnlySpan<float> image, Examples examples, int example, bool drops, in OptimizerConstants step)
        where TRule : struct, ICurvatureRule
    {
        RequirePlainWeights();
        AlignedFloats curvature = _curvature ??= new AlignedFloats(SimdLayout.Count);
        NoClock clock = default;
        float* h2 = drops ? _workspace.H2AfterDropout : _workspace.H2;
        Forward(image, h2, ref clock);
        BackwardCurvature(SquaredParameters(), drops, new SetTo(curvature.Pointer));
        Backward(examples, example, h2, new SetTo(_gradient.Pointer), ref clock);
        _parameters.Update<TRule>(_gradient.Pointer, curvature.Pointer, step);
    }

    /// <summary>What second derivatives go back through, for the parameters as they are.</summary>
    private SquaredWorkspace SquaredParameters()
    {
        _squares ??= new SquaredWorkspace(_options.Connections);
        _squares.SquareParameters(_parameters.Pointer);
        return _squares;
    }

    /// <summary>An image forward and backward, with the workspace's factors where units are dropped.</summary>
    private void Present<TStep, TClock>(
        ReadOnlySpan<float> image, Examples examples, int example, bool drops, TStep step, ref TClock clock)
        where TStep : struct, IGradientSink
        where TClock : struct, ILayerClock
    {
        float* h2 = drops ? _workspace.H2AfterDropout : _workspace.H2;
        Forward(image, h2, ref clock);
        Backward(examples, example, h2, step, ref clock);
    }

    /// <summary>Input to output. H3 reads <paramref name="h2"/>: H2 itself, or what dropout keeps of it.</summary>
    private void Forward<TClock>(ReadOnlySpan<float> image, float* h2, ref TClock clock)
        where TClock : struct, ILayerClock
    {
        float* parameters = _parameters.Pointer;
        InputBorder.Surround(image, _workspace.Image);
        H1Layer.Forward<THidden>(_workspace, parameters);
        clock.Passed(LayerPass.H1Forward);
        if (_anyTable is not null)
        {
            _anyTable.Forward<THidden>(_workspace, parameters);
        }
        else
        {
            H2Input.Forward(_workspace);
            H2Layer.Forward<THidden>(_workspace, parameters);
        }

        if (h2 != _workspace.H2)
        {
            Dropout.Forward(_workspace);
        }

        clock.Passed(LayerPass.H2Forward);
        H3Layer.Forward<THidden>(_workspace, h2, parameters);
        clock.Passed(LayerPass.H3Forward);
        OutputLayer.Forward<TOutput>(_workspace, parameters);
        clock.Passed(LayerPass.OutputForward);
    }

    /// <summary>
    /// The order matters where the step changes the parameters at once: each layer's weights have done their part in
    /// the gradient of the layer below before they change.
    /// </summary>
    private void Backward<TStep, TClock>(Examples examples, int example, float* h2, TStep step, ref TClock clock)
        where TStep : struct, IGradientSink
        where TClock : struct, ILayerClock
    {
        byte label = examples.Label(example);
        if (_options.Distillation is { } distillation)
        {
            OutputLayer.Delta<TOutput, TLoss>(
                _workspace, label, _targets, examples.Taught(example), distillation, step.DeltaScale);
        }
        else
        {
            OutputLayer.Delta<TOutput, TLoss>(_workspace, label, _targets, step.DeltaScale);
        }

        Backward<THidden, TStep, TClock>(_workspace, _anyTable, h2, _parameters.Pointer, step, ref clock);
    }

    /// <summary>The second derivatives of the example that went forward last; to be had before its gradient.</summary>
    private void BackwardCurvature<TStep>(SquaredWorkspace squares, bool drops, TStep step)
        where TStep : struct, IGradientSink
    {
        Workspace workspace = squares.Workspace;
        NoClock clock = default;
        squares.SquareUnits<THidden>(_workspace, drops);
        squares.SetOutputs<TOutput, TLoss>(_workspace, step.DeltaScale);
        Backward<Squared<THidden>, TStep, NoClock>(
            workspace, squares.AnyTable, drops ? workspace.H2AfterDropout : workspace.H2, squares.Parameters, step, ref clock);
    }

    /// <summary>From the outputs' deltas down.</summary>
    private static void Backward<TActivation, TStep, TClock>(
        Workspace workspace, H2AnyTable? anyTable, float* h2, float* parameters, TStep step, ref TClock clock)
        where TActivation : struct, IActivation
        where TStep : struct, IGradientSink
        where TClock : struct, ILayerClock
    {
        OutputLayer.Backward<TActivation, TStep>(workspace, parameters, step);
        clock.Passed(LayerPass.OutputBackward);
        H3Layer.Backward<TActivation, TStep>(workspace, h2, parameters, step);
        clock.Passed(LayerPass.H3Backward);
        if (h2 != workspace.H2)
        {
            Dropout.Backward(workspace);
        }

        if (anyTable is not null)
        {
            anyTable.Backward<TActivation, TStep>(workspace, parameters, step);
        }
        else
        {
            H2Layer.BackwardInput(workspace, parameters);
            H2Layer.BackwardWeights(workspace, step);
            H2Input.Backward<TActivation>(workspace);
        }

        clock.Passed(LayerPass.H2Backward);
        H1Layer.Backward(workspace, step);
        clock.Passed(LayerPass.H1Backward);
    }

    private static int IndexOfLargest(ReadOnlySpan<float> outputs)
    {
        int best = 0;
        for (int i = 1; i < outputs.Length; i++)
        {
            if (outputs[i] > outputs[best])
            {
                best = i;
            }
        }

        return best;
    }

    private void RequirePlainWeights()
    {
        if (_options.WeightNormalization)
        {
            throw new NotSupportedException(
                "Training in place moves each weight by itself; weight normalization takes a batch trainer.");
        }
    }

    private static void RequireRange(Examples examples, int start, int count)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, examples.Count - start);
    }
}
