using System.Numerics;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Numbers;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// A network's passes with a certain number type: examples into numbers, all layers forward, the loss, all layers backward.
/// </summary>
/// <typeparam name="TReal">The number.</typeparam>
/// <typeparam name="TWeight">What parameters are.</typeparam>
internal sealed unsafe class LayerEngine<TReal, TWeight> : ILayerEngine<TWeight>
    where TReal : unmanaged, IReal<TReal, TWeight>
    where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
{
    /// <summary>Whether a number is nothing but its examples' floats, one after the other.</summary>
    private static readonly bool s_isFloats = sizeof(TReal) == TReal.Examples * sizeof(float);

    private readonly LayerNetwork _network;
    private readonly LayerChain _chain;
    private readonly ILossPass _loss;
    private readonly AlignedFloats _memory;
    private readonly TReal* _input;
    private readonly TReal* _values;
    private readonly TReal* _outputGradient;
    private readonly float* _images;
    private readonly float* _turned;
    private readonly float* _targets;
    private readonly float* _taught;
    private readonly float* _factors;

    /// <summary>Creates an engine.</summary>
    /// <param name="network">The network.</param>
    public LayerEngine(LayerNetwork network)
    {
        _network = network;
        _chain = network.Chain;
        Creation creation = default;
        network.Loss.Accept(ref creation);
        _loss = creation.Pass!;
        int real = sizeof(TReal) / sizeof(float);
        int values = _chain.MemoryFor<TReal, TWeight>();
        _memory = new AlignedFloats(
            real * (InputUnits + values + Shape1989.Outputs)
            + TReal.Examples * (2 * InputUnits + 2 * Shape1989.Outputs + 1));
        float* next = _memory.Pointer;
        _input = (TReal*)Take(real * InputUnits);
        _values = (TReal*)Take(real * values);
        _outputGradient = (TReal*)Take(real * Shape1989.Outputs);
        _images = Take(TReal.Examples * InputUnits);
        _turned = Take(TReal.Examples * InputUnits);
        _targets = Take(TReal.Examples * Shape1989.Outputs);
        _taught = Take(TReal.Examples * Shape1989.Outputs);
        _factors = Take(TReal.Examples);

        float* Take(int floats)
        {
            float* start = next;
            next += floats;
            return start;
        }
    }

    /// <summary>The loss's part of a pass, of a loss that is a type argument.</summary>
    private interface ILossPass
    {
        double Value(ReadOnlySpan<float> outputs, int label, Targets targets);

        void Gradient(TReal* outputs, float* targets, TReal factor, TReal* gradient);

        void AddSoftened(TReal* outputs, float* taught, Distillation distillation, TReal factor, TReal* gradient);
    }

    /// <inheritdoc/>
    public int Examples => TReal.Examples;

    /// <inheritdoc/>
    public void AddGradient(
        TWeight* parameters, Examples examples, int start, int count, in Perturbation perturbation, float factor,
        TWeight* gradient, LayerTimes? times = null)
    {
        Targets targets = _network.Loss.Targets(_network.LabelSmoothing);
        for (int first = 0; first < count; first += TReal.Examples)
        {
            int here = Math.Min(TReal.Examples, count - first);
            Take(examples, start + first, here, perturbation);
            for (int lane = 0; lane < TReal.Examples; lane++)
            {
                for (int output = 0; output < Shape1989.Outputs; output++)
                {
                    _targets[output * TReal.Examples + lane] = targets.Other;
                }

                int label = examples.Label(start + first + Math.Min(lane, here - 1));
                _targets[label * TReal.Examples + lane] = targets.Label;
            }

            LayerPass<TReal, TWeight> pass = PassOf(parameters) with
            {
                Gradient = gradient,
                PreparedGradient = gradient + _network.ParameterCount,
                FirstExample = examples.PlaceOf(start + first),
                Perturbation = perturbation,
                IsTraining = perturbation.Drops,
            };
            times?.BetweenLayers();
            TReal* outputs = _chain.Forward(pass, times);
            if (_network.Distillation is { } distillation)
            {
                TakeTaught(examples, start + first, here);
                _loss.Gradient(outputs, _targets, Scaled(factor * distillation.LabelShare, here), _outputGradient);
                _loss.AddSoftened(
                    outputs, _taught, distillation, Scaled(factor * distillation.TeacherFactor, here), _outputGradient);
            }
            else
            {
                _loss.Gradient(outputs, _targets, Scaled(factor, here), _outputGradient);
            }

            times?.BetweenLayers();
            _chain.Backward(pass, times);
        }
    }

    /// <inheritdoc/>
    public (double Loss, int Misses) SumLosses(TWeight* parameters, Examples examples, int start, int count, Targets targets)
    {
        Span<float> outputs = stackalloc float[Shape1989.Outputs * TReal.Examples];
        double loss = 0;
        int misses = 0;
        for (int first = 0; first < count; first += TReal.Examples)
        {
            int here = Math.Min(TReal.Examples, count - first);
            Outputs(parameters, examples, start + first, here, outputs);
            for (int lane = 0; lane < here; lane++)
            {
                ReadOnlySpan<float> ofExample = outputs.Slice(lane * Shape1989.Outputs, Shape1989.Outputs);
                int largest = 0;
                for (int output = 1; output < Shape1989.Outputs; output++)
                {
                    largest = ofExample[output] > ofExample[largest] ? output : largest;
                }

                int label = examples.Label(start + first + lane);
                loss += _loss.Value(ofExample, label, targets);
                misses += largest == label ? 0 : 1;
            }
        }

        return (loss, misses);
    }

    /// <inheritdoc/>
    public void Outputs(TWeight* parameters, Examples examples, int start, int count, Span<float> outputs)
    {
        float* lanes = stackalloc float[TReal.Examples];
        for (int first = 0; first < count; first += TReal.Examples)
        {
            int here = Math.Min(TReal.Examples, count - first);
            Take(examples, start + first, here, Perturbation.None);
            TReal* values = _chain.Forward(PassOf(parameters));
            for (int output = 0; output < Shape1989.Outputs; output++)
            {
                TReal.Store(values[output], lanes);
                for (int lane = 0; lane < here; lane++)
                {
                    outputs[(first + lane) * Shape1989.Outputs + output] = lanes[lane];
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Outputs(TWeight* parameters, ReadOnlySpan<float> image, Span<float> outputs)
    {
        for (int lane = 0; lane < TReal.Examples; lane++)
        {
            image.CopyTo(new Span<float>(_images + lane * InputUnits, InputUnits));
        }

        ReadImages();
        TReal* values = _chain.Forward(PassOf(parameters));
        float* lanes = stackalloc float[TReal.Examples];
        for (int output = 0; output < Shape1989.Outputs; output++)
        {
            TReal.Store(values[output], lanes);
            outputs[output] = lanes[0];
        }
    }

    /// <summary>The outputs for one image, in their own precision; what a number holds of examples is added up.</summary>
    /// <param name="parameters">The parameters, and what was prepared of them.</param>
    /// <param name="image">(16, 16).</param>
    /// <param name="outputs">Room for ten.</param>
    internal void Values(TWeight* parameters, ReadOnlySpan<float> image, Span<TWeight> outputs)
    {
        for (int lane = 0; lane < TReal.Examples; lane++)
        {
            image.CopyTo(new Span<float>(_images + lane * InputUnits, InputUnits));
        }

        ReadImages();
        TReal* values = _chain.Forward(PassOf(parameters));
        for (int output = 0; output < Shape1989.Outputs; output++)
        {
            outputs[output] = TReal.Sum(values[output]);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private LayerPass<TReal, TWeight> PassOf(TWeight* parameters) => new()
    {
        Input = _input,
        Kept = _values,
        OutputGradient = _outputGradient,
        Parameters = parameters,
        Prepared = parameters + _network.ParameterCount,
    };

    /// <summary>Examples into numbers; lanes beyond the last example hold it once more.</summary>
    private void Take(Examples examples, int start, int count, in Perturbation perturbation)
    {
        for (int lane = 0; lane < TReal.Examples; lane++)
        {
            int example = start + Math.Min(lane, count - 1);
            Span<float> taken = new(_images + lane * InputUnits, InputUnits);
            ImageDistorter.Perturb(perturbation, examples.PlaceOf(example), examples.Image(example), taken);
        }

        ReadImages();
    }

    /// <summary>What a teacher says of examples; lanes beyond the last example hold it once more.</summary>
    private void TakeTaught(Examples examples, int start, int count)
    {
        for (int lane = 0; lane < TReal.Examples; lane++)
        {
            ReadOnlySpan<float> taught = examples.Taught(start + Math.Min(lane, count - 1));
            for (int output = 0; output < Shape1989.Outputs; output++)
            {
                _taught[output * TReal.Examples + lane] = taught[output];
            }
        }
    }

    /// <summary>A factor for each example, and none for the lanes beyond the last.</summary>
    private TReal Scaled(float factor, int count)
    {
        for (int lane = 0; lane < TReal.Examples; lane++)
        {
            _factors[lane] = lane < count ? factor : 0f;
        }

        return TReal.Load(_factors);
    }

    private void ReadImages()
    {
        if (s_isFloats)
        {
            Transposition.Turn(_images, TReal.Examples, InputUnits, (float*)_input);
            return;
        }

        Transposition.Turn(_images, TReal.Examples, InputUnits, _turned);
        for (int pixel = 0; pixel < InputUnits; pixel++)
        {
            _input[pixel] = TReal.Load(_turned + pixel * TReal.Examples);
        }
    }

    private struct Creation : ILossVisitor
    {
        public ILossPass? Pass { get; private set; }

        public void Visit<TLoss>()
            where TLoss : struct, ILoss => Pass = new LossPass<TLoss>();
    }

    private sealed class LossPass<TLoss> : ILossPass
        where TLoss : struct, ILoss
    {
        public double Value(ReadOnlySpan<float> outputs, int label, Targets targets) => TLoss.Value(outputs, label, targets);

        public void Gradient(TReal* outputs, float* targets, TReal factor, TReal* gradient)
        {
            TReal largest = outputs[0];
            for (int output = 1; output < Shape1989.Outputs; output++)
            {
                largest = TReal.Max(largest, outputs[output]);
            }

            TReal total = default;
            for (int output = 0; output < Shape1989.Outputs; output++)
            {
                total += TLoss.Weight<TReal, TWeight>(outputs[output], largest);
            }

            for (int output = 0; output < Shape1989.Outputs; output++)
            {
                TReal target = TReal.Load(targets + output * TReal.Examples);
                gradient[output] = factor * TLoss.Gradient<TReal, TWeight>(outputs[output], largest, total, target);
            }
        }

        public void AddSoftened(TReal* outputs, float* taught, Distillation distillation, TReal factor, TReal* gradient)
        {
            TReal* softened = stackalloc TReal[Shape1989.Outputs];
            TReal* byTeacher = stackalloc TReal[Shape1989.Outputs];
            TReal inverse = TReal.Of(TWeight.CreateChecked(1f / distillation.Temperature));
            for (int output = 0; output < Shape1989.Outputs; output++)
            {
                softened[output] = outputs[output] * inverse;
            }

            Gradient(softened, taught, factor, byTeacher);
            for (int output = 0; output < Shape1989.Outputs; output++)
            {
                gradient[output] += byTeacher[output];
            }
        }
    }
}
