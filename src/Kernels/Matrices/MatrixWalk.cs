using System.Runtime.CompilerServices;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>
/// A thread's elements of a matrix, in the order of the parameters, so that neighbouring threads read neighbours. It divides when it sets
/// out, and adds after that.
/// </summary>
internal struct MatrixWalk
{
    private readonly WeightMatrix _matrix;
    private readonly int _rows;
    private readonly int _lines;
    private readonly int _along;
    private readonly int _lineStep;
    private readonly int _step;
    private int _line;
    private int _index;

    /// <summary>Sets out.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="rows">Its smaller side, filled up to float4s.</param>
    /// <param name="columns">Its larger side, filled up to float4s.</param>
    public MatrixWalk(WeightMatrix matrix, int rows, int columns)
    {
        _matrix = matrix;
        _rows = rows;
        _along = matrix.LargerStride == 1 ? columns : rows;
        _lines = matrix.LargerStride == 1 ? rows : columns;
        _lineStep = Group.DimX / _along;
        _step = Group.DimX - _lineStep * _along;
        _line = Group.IdxX / _along;
        _index = Group.IdxX - _line * _along;
    }

    /// <summary>How many elements there are, those that fill up included, for all threads.</summary>
    public readonly int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _lines * _along;
    }

    /// <summary>This thread's next one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MatrixElement Next()
    {
        bool isByColumns = _matrix.LargerStride != 1;
        int column = isByColumns ? _line : _index;
        int row = isByColumns ? _index : _line;
        bool isInside = row < _matrix.Smaller && column < _matrix.Larger;
        MatrixElement element = new()
        {
            IsInside = isInside,
            Place = _matrix.Offset + (isInside ? row * _matrix.SmallerStride + column * _matrix.LargerStride : 0),
            Cell = _line < _lines ? column * _rows + row : -1,
        };
        _line += _lineStep;
        _index += _step;
        if (_index >= _along)
        {
            _index -= _along;
            _line++;
        }

        return element;
    }
}
