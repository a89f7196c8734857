using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>A weight that is about to be moved, and where its copies are.</summary>
internal readonly struct MatrixElement
{
    private readonly int _place;
    private readonly float _parameter;
    private readonly ParameterCopies _copies;

    /// <summary>Reads it.</summary>
    /// <param name="parameters">All parameters.</param>
    /// <param name="place">Its place among them.</param>
    /// <param name="isInside">Whether it is one of the matrix, and none of those that fill up its float4s.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MatrixElement(ParameterPlaces parameters, int place, bool isInside)
    {
        _place = isInside ? place : -1;
        _parameter = isInside ? parameters.Values[place] : 0f;
        _copies = isInside ? parameters.CopiesOf(place) : ParameterCopies.None;
    }

    /// <summary>Moves it.</summary>
    /// <param name="parameters">All parameters.</param>
    /// <param name="orthogonal">The element of the orthogonal matrix.</param>
    /// <param name="matrix">The matrix.</param>
    /// <param name="step">The step's constants.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move<TRule>(ParameterPlaces parameters, float orthogonal, in WeightMatrix matrix, in OptimizerConstants step)
        where TRule : struct, IMatrixRule
    {
        if (_place >= 0)
        {
            parameters.Set(_place, _copies, TRule.Moved(_parameter, orthogonal, matrix, step));
        }
    }
}
