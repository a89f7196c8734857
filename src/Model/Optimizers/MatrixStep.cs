using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Optimizers;

/// <summary>A step by a rule for matrices, on one thread of the host. What is no matrix is moved by another rule.</summary>
/// <param name="parts">The parts of the parameters.</param>
internal sealed class MatrixStep(IReadOnlyList<ParameterPart> parts) : IDisposable
{
    private readonly WeightMatrix[] _matrices = WeightMatrix.Of(parts);
    private readonly (int Offset, int Count)[] _others = WeightMatrix.Others(parts);
    private readonly NewtonSchulz _iteration = new(WeightMatrix.Of(parts));
    private readonly float[] _direction = new float[WeightMatrix.Of(parts).Max(matrix => matrix.Rows * matrix.Columns)];

    /// <summary>Moves all parameters.</summary>
    /// <typeparam name="TRule">Moves matrices.</typeparam>
    /// <typeparam name="TVectors">Moves the others.</typeparam>
    /// <param name="parameters">All parameters, in the order of their parts.</param>
    /// <param name="gradient">The derivatives of the mean loss by them.</param>
    /// <param name="state1">Their first states.</param>
    /// <param name="state2">Their second states.</param>
    /// <param name="step">The step's constants.</param>
    public void Take<TRule, TVectors>(
        Span<float> parameters, ReadOnlySpan<float> gradient, Span<float> state1, Span<float> state2, in OptimizerConstants step)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule
    {
        foreach (ref readonly WeightMatrix matrix in _matrices.AsSpan())
        {
            Span<float> direction = _direction.AsSpan(0, matrix.Rows * matrix.Columns);
            for (int i = 0; i < direction.Length; i++)
            {
                direction[i] = TRule.Direction(gradient[matrix.Offset + i], ref state1[matrix.Offset + i], step);
            }

            _iteration.Orthogonalize(matrix, direction);
            for (int i = 0; i < direction.Length; i++)
            {
                parameters[matrix.Offset + i] = TRule.Moved(parameters[matrix.Offset + i], direction[i], matrix, step);
            }
        }

        foreach ((int offset, int count) in _others)
        {
            for (int i = offset; i < offset + count; i++)
            {
                TVectors.Update(ref parameters[i], gradient[i], ref state1[i], ref state2[i], step);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _iteration.Dispose();
}
