using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Model.FullBatch;

/// <summary>
/// Weight normalization (Salimans and Kingma, 2016), as <c>torch.nn.utils.weight_norm</c> has it: each
/// <see cref="UnitWeights"/> is w = g v/|v|, and the optimizer moves length g and direction v, with its decay and its state.
/// It is a matter of the step alone: the passes know w, whose gradient becomes that of g, its part along v, and that of v,
/// what stands upright on v, times g/|v|. Biases are moved as ever.
/// </summary>
internal sealed class NormalizedWeights
{
    /// <summary>v, and the biases.</summary>
    private readonly float[] _directions = new float[Parameters.Count];

    private readonly float[] _lengths = new float[UnitWeights.All.Count];
    private readonly float[] _state1 = new float[UnitWeights.All.Count];
    private readonly float[] _state2 = new float[UnitWeights.All.Count];

    /// <summary>v becomes w, and g its length; what the optimizer remembers of g is forgotten.</summary>
    /// <param name="parameters">All parameters.</param>
    public void Load(ReadOnlySpan<float> parameters)
    {
        parameters.CopyTo(_directions);
        Array.Clear(_state1);
        Array.Clear(_state2);
        for (int unit = 0; unit < _lengths.Length; unit++)
        {
            _lengths[unit] = UnitWeights.All[unit].Length(parameters);
        }
    }

    /// <summary>A step of the optimizer on lengths, directions and biases.</summary>
    /// <param name="parameters">All parameters, w; changed.</param>
    /// <param name="gradient">The gradient by them; it becomes that by directions and biases.</param>
    /// <param name="state1">The optimizer's first state of directions and biases.</param>
    /// <param name="state2">Its second state.</param>
    /// <param name="step">The step's constants.</param>
    public void Step<TRule>(
        Span<float> parameters, Span<float> gradient, Span<float> state1, Span<float> state2, in OptimizerStep step)
        where TRule : struct, IUpdateRule
    {
        for (int unit = 0; unit < _lengths.Length; unit++)
        {
            UnitWeights weights = UnitWeights.All[unit];
            double norm = Math.Sqrt(weights.Product(_directions, _directions));
            double along = weights.Product(_directions, gradient) / norm;
            float upright = (float)(along / norm);
            float scale = (float)(_lengths[unit] / norm);
            for (int i = 0, place = weights.First; i < weights.Count; i++, place += weights.Stride)
            {
                gradient[place] = scale * (gradient[place] - upright * _directions[place]);
            }

            TRule.Update(ref _lengths[unit], (float)along, ref _state1[unit], ref _state2[unit], step);
        }

        for (int i = 0; i < _directions.Length; i++)
        {
            TRule.Update(ref _directions[i], gradient[i], ref state1[i], ref state2[i], step);
        }

        _directions.CopyTo(parameters);
        for (int unit = 0; unit < _lengths.Length; unit++)
        {
            UnitWeights weights = UnitWeights.All[unit];
            float scale = (float)(_lengths[unit] / Math.Sqrt(weights.Product(_directions, _directions)));
            for (int i = 0, place = weights.First; i < weights.Count; i++, place += weights.Stride)
            {
                parameters[place] *= scale;
            }
        }
    }
}
