using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Model.Training;

/// <summary>
/// Weight normalization (Salimans and Kingma, 2016), as <c>torch.nn.utils.weight_norm</c> has it: each
/// <see cref="UnitWeights"/> is w = g v/|v|, and the optimizer moves length g and direction v, with its decay and its state.
/// It is a matter of the step alone: the passes know w, whose gradient becomes that of g, its part along v, and that of v,
/// what stands upright on v, times g/|v|. Biases are moved as ever.
/// </summary>
internal sealed class NormalizedWeights
{
    /// <summary>v, and the biases.</summary>
    private readonly float[] _directions = new float[Network.Parameters.Count];

    private readonly float[] _directionState1 = new float[Network.Parameters.Count];
    private readonly float[] _directionState2 = new float[Network.Parameters.Count];
    private readonly float[] _lengths = new float[UnitWeights.All.Count];
    private readonly float[] _lengthState1 = new float[UnitWeights.All.Count];
    private readonly float[] _lengthState2 = new float[UnitWeights.All.Count];
    private readonly float[] _parameters = new float[Network.Parameters.Count];

    /// <summary>All parameters: w, and the biases.</summary>
    public ReadOnlySpan<float> Parameters => _parameters;

    /// <summary>Takes the gradient by them before a step, which makes it that by directions and biases.</summary>
    public float[] Gradient { get; } = new float[Network.Parameters.Count];

    /// <summary>v becomes w, and g its length; what the optimizer remembers is forgotten.</summary>
    /// <param name="parameters">All parameters.</param>
    public void Load(ReadOnlySpan<float> parameters)
    {
        parameters.CopyTo(_parameters);
        parameters.CopyTo(_directions);
        Array.Clear(_directionState1);
        Array.Clear(_directionState2);
        Array.Clear(_lengthState1);
        Array.Clear(_lengthState2);
        for (int unit = 0; unit < _lengths.Length; unit++)
        {
            _lengths[unit] = UnitWeights.All[unit].Length(parameters);
        }
    }

    /// <summary>Takes up a training where it was left.</summary>
    /// <param name="state">What <see cref="SaveState"/> gave.</param>
    public void LoadState(TrainingState state)
    {
        (float[] directions, float[] lengths) = state is { Directions: not null, Lengths: not null }
            ? (state.Directions, state.Lengths)
            : throw new ArgumentException("It has no directions and lengths.", nameof(state));
        state.Parameters.CopyTo(_parameters, 0);
        directions.CopyTo(_directions, 0);
        state.States[0].CopyTo(_directionState1, 0);
        state.States[1].CopyTo(_directionState2, 0);
        int vectors = _lengths.Length;
        lengths.AsSpan(0, vectors).CopyTo(_lengths);
        lengths.AsSpan(vectors, vectors).CopyTo(_lengthState1);
        lengths.AsSpan(2 * vectors, vectors).CopyTo(_lengthState2);
    }

    /// <summary>Copies out everything that the steps to come depend on.</summary>
    public TrainingState SaveState() => new([.. _parameters], [.. _directionState1], [.. _directionState2])
    {
        Directions = [.. _directions],
        Lengths = [.. _lengths, .. _lengthState1, .. _lengthState2],
    };

    /// <summary>A step of the optimizer on lengths, directions and biases.</summary>
    /// <param name="step">The step's constants.</param>
    public void Step<TRule>(in OptimizerConstants step)
        where TRule : struct, IUpdateRule
    {
        for (int unit = 0; unit < _lengths.Length; unit++)
        {
            UnitWeights weights = UnitWeights.All[unit];
            double norm = Math.Sqrt(weights.Product(_directions, _directions));
            double along = weights.Product(_directions, Gradient) / norm;
            float upright = (float)(along / norm);
            float scale = (float)(_lengths[unit] / norm);
            for (int i = 0, place = weights.First; i < weights.Count; i++, place += weights.Stride)
            {
                Gradient[place] = scale * (Gradient[place] - upright * _directions[place]);
            }

            TRule.Update(ref _lengths[unit], (float)along, ref _lengthState1[unit], ref _lengthState2[unit], step);
        }

        for (int i = 0; i < _directions.Length; i++)
        {
            TRule.Update(ref _directions[i], Gradient[i], ref _directionState1[i], ref _directionState2[i], step);
        }

        _directions.CopyTo(_parameters, 0);
        for (int unit = 0; unit < _lengths.Length; unit++)
        {
            UnitWeights weights = UnitWeights.All[unit];
            float scale = (float)(_lengths[unit] / Math.Sqrt(weights.Product(_directions, _directions)));
            for (int i = 0, place = weights.First; i < weights.Count; i++, place += weights.Stride)
            {
                _parameters[place] *= scale;
            }
        }
    }
}
