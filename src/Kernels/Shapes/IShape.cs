namespace GpuConvnet.Kernels.Shapes;

/// <summary>
/// The widths of a network of the 1989 kind, as compile-time constants of the kernels. Images of 16x16, kernels of 5x5
/// and stride 2, hence maps of 8x8 and 4x4, are the same for all.
/// </summary>
public interface IShape
{
    /// <summary>Maps of H1; a multiple of 4.</summary>
    static abstract int H1Maps { get; }

    /// <summary>Maps of H2; a multiple of 4: groups of four consecutive maps read the same maps of H1.</summary>
    static abstract int H2Maps { get; }

    /// <summary>Maps of H1 that a map of H2 reads.</summary>
    static abstract int H2Sources { get; }

    /// <summary>Units of H3; a multiple of 30.</summary>
    static abstract int H3Units { get; }
}
