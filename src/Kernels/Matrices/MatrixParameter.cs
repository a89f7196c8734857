using System.Runtime.CompilerServices;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>
/// A parameter whose gradient is about to be there: of a matrix, of which it is made the direction, or of none, and then it is moved.
/// </summary>
internal readonly struct MatrixParameter
{
    private readonly int _place;
    private readonly int _cell;
    private readonly float _parameter;
    private readonly float _first;
    private readonly float _second;

    /// <summary>Reads it.</summary>
    /// <param name="memory">What the step works on.</param>
    /// <param name="place">Its place among the parameters; -1 for none.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MatrixParameter(MatrixMemory memory, int place)
    {
        _place = place;
        _cell = place >= 0 ? memory.Cells[place] : -1;
        _parameter = place >= 0 ? memory.Parameters.Values[place] : 0f;
        _first = place >= 0 ? memory.State1[place] : 0f;
        _second = place >= 0 ? memory.State2[place] : 0f;
    }

    /// <summary>Takes the part of the step that is its own.</summary>
    /// <param name="memory">What the step works on.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="step">The step's constants.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take<TRule, TVectors>(MatrixMemory memory, float gradient, in OptimizerConstants step)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule
    {
        if (_place < 0)
        {
            return;
        }

        float first = _first;
        if (_cell >= 0)
        {
            memory.Directions.Cast<float>()[_cell] = TRule.Direction(gradient, ref first, step);
        }
        else
        {
            float parameter = _parameter;
            float second = _second;
            TVectors.Update(ref parameter, gradient, ref first, ref second, step);
            memory.State2[_place] = second;
            memory.Parameters.Set(_place, parameter);
        }

        memory.State1[_place] = first;
    }
}
