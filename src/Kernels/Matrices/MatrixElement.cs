namespace GpuConvnet.Kernels.Matrices;

/// <summary>An element of a matrix, among the parameters and in the room where the matrix is iterated.</summary>
internal readonly struct MatrixElement
{
    /// <summary>Whether it is one of the matrix, and none of those that fill up its float4s.</summary>
    public bool IsInside { get; init; }

    /// <summary>Its place among the parameters; if it is none of the matrix, that of one that is.</summary>
    public int Place { get; init; }

    /// <summary>Its place among the room's floats; -1 behind the last.</summary>
    public int Cell { get; init; }
}
