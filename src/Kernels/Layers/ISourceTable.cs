namespace GpuConvnet.Kernels.Layers;

/// <summary>How H2's maps share their sources, as a compile-time choice of the kernels.</summary>
internal interface ISourceTable
{
    /// <summary>
    /// Whether the four maps of a group read the same maps of H1, so that one load serves all four and the table has a
    /// list a group; otherwise it has one list per map.
    /// </summary>
    static abstract bool IsGrouped { get; }
}
