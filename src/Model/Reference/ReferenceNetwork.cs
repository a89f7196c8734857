using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Reference;

/// <summary>The reference path for one choice of activations and loss.</summary>
internal sealed unsafe class ReferenceNetwork<THidden, TOutput, TLoss> : ReferencePath
    where THidden : struct, IActivation
    where TOutput : struct, IActivation
    where TLoss : struct, ILoss
{
    private readonly Workspace _workspace = new();
    private readonly AlignedFloats _parameters = new(PackedLayout.Count);
    private readonly AlignedFloats _gradient = new(PackedLayout.Count);

    /// <inheritdoc/>
    public override void Load(ReadOnlySpan<float> parameters)
    {
        RequireLength(parameters.Length, Parameters.Count, nameof(parameters));
        PackedLayout.Pack(parameters, _parameters.Span);
    }

    /// <inheritdoc/>
    public override void Store(Span<float> parameters)
    {
        RequireLength(parameters.Length, Parameters.Count, nameof(parameters));
        PackedLayout.Unpack(_parameters.Span, parameters);
    }

    /// <inheritdoc/>
    public override void Train(Examples examples, int start, int count, float learningRate)
    {
        RequireRange(examples, start, count);
        AddTo sgd = new(_parameters.Pointer, -learningRate);
        for (int example = start; example < start + count; example++)
        {
            Forward(examples.Image(example), _workspace.H2);
            Backward(examples.Labels[example], _workspace.H2, sgd);
        }
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
        RequireLength(image.Length, InputUnits, nameof(image));
        RequireLength(outputs.Length, Shape1989.Outputs, nameof(outputs));
        Forward(image, _workspace.H2);
        new ReadOnlySpan<float>(_workspace.Output, Shape1989.Outputs).CopyTo(outputs);
    }

    /// <inheritdoc/>
    public override double Gradient(Examples examples, int start, int count, Span<float> gradient)
    {
        RequireRange(examples, start, count);
        ArgumentOutOfRangeException.ThrowIfZero(count);
        RequireLength(gradient.Length, Parameters.Count, nameof(gradient));
        _gradient.Span.Clear();
        AddGradient(examples, start, count, Noise.None, 1f / count, _gradient);
        PackedLayout.Unpack(_gradient.Span, gradient);
        return SumLosses(examples, start, count).Loss / count;
    }

    /// <inheritdoc/>
    internal override void AddGradient(
        Examples examples, int start, int count, in Noise noise, float scale, AlignedFloats packedGradient)
    {
        AddTo sum = new(packedGradient.Pointer, scale);
        Span<float> rolled = stackalloc float[InputUnits];
        for (int example = start; example < start + count; example++)
        {
            scoped ReadOnlySpan<float> image = examples.Image(example);
            int place = examples.First + example;
            if (noise.Distorts)
            {
                ImageDistorter.Distort(noise, place, image, rolled);
                image = rolled;
            }
            else if (noise.MaximumShift > 0)
            {
                noise.Shift(place, out int rows, out int columns);
                Noise.Roll(image, rolled, rows, columns);
                image = rolled;
            }

            if (noise.Drops)
            {
                Dropout.DrawFactors(_workspace, noise, place);
                Forward(image, _workspace.H2Kept);
                Backward(examples.Labels[example], _workspace.H2Kept, sum);
            }
            else
            {
                Forward(image, _workspace.H2);
                Backward(examples.Labels[example], _workspace.H2, sum);
            }
        }
    }

    /// <inheritdoc/>
    internal override void Trace(
        Examples examples, int example, in Noise noise, float scale, Span<float> activations, Span<float> deltas)
    {
        AddGradient(examples, example, 1, noise, scale, _gradient);
        PackedLayout.UnpackUnits(_workspace.H1, _workspace.H2, _workspace.H3, _workspace.Output, activations);
        PackedLayout.UnpackUnits(
            _workspace.H1Delta, _workspace.H2Delta, _workspace.H3Delta, _workspace.OutputDelta, deltas);
    }

    /// <inheritdoc/>
    internal override (double Loss, int Misses) SumLosses(Examples examples, int start, int count)
    {
        ReadOnlySpan<float> outputs = new(_workspace.Output, Shape1989.Outputs);
        double loss = 0;
        int misses = 0;
        for (int example = start; example < start + count; example++)
        {
            Forward(examples.Image(example), _workspace.H2);
            loss += TLoss.Value(outputs, examples.Labels[example]);
            if (IndexOfLargest(outputs) != examples.Labels[example])
            {
                misses++;
            }
        }

        return (loss, misses);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _workspace.Dispose();
        _parameters.Dispose();
        _gradient.Dispose();
    }

    /// <summary>Input to output. H3 reads <paramref name="h2"/>: H2 itself, or what dropout keeps of it.</summary>
    private void Forward(ReadOnlySpan<float> image, float* h2)
    {
        float* parameters = _parameters.Pointer;
        InputBorder.Surround(image, _workspace.Image);
        H1Layer.Forward<THidden>(_workspace, parameters);
        H2Input.Forward(_workspace);
        H2Layer.Forward<THidden>(_workspace, parameters);
        if (h2 != _workspace.H2)
        {
            Dropout.Forward(_workspace);
        }

        H3Layer.Forward<THidden>(_workspace, h2, parameters);
        OutputLayer.Forward<TOutput>(_workspace, parameters);
    }

    /// <summary>
    /// The order matters where the step changes the parameters at once: each layer's weights have done their part in
    /// the gradient of the layer below before they change.
    /// </summary>
    private void Backward<TStep>(int label, float* h2, TStep step)
        where TStep : struct, IStep
    {
        float* parameters = _parameters.Pointer;
        OutputLayer.Delta<TOutput, TLoss>(_workspace, label, step.DeltaScale);
        OutputLayer.Backward<THidden, TStep>(_workspace, parameters, step);
        H3Layer.Backward<THidden, TStep>(_workspace, h2, parameters, step);
        if (h2 != _workspace.H2)
        {
            Dropout.Backward(_workspace);
        }

        H2Layer.BackwardInput(_workspace, parameters);
        H2Layer.BackwardWeights(_workspace, step);
        H2Input.Backward<THidden>(_workspace);
        H1Layer.Backward(_workspace, step);
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

    private static void RequireLength(int found, int expected, string name)
    {
        if (found != expected)
        {
            throw new ArgumentException($"{expected} values are needed, not {found}.", name);
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
