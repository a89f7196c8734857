namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of a layer that works on each unit by itself, as compile-time constants of its kernels.</summary>
internal interface IUnitSizes
{
    /// <summary>Examples of a block.</summary>
    static abstract int Lanes { get; }

    /// <summary>Units.</summary>
    static abstract int Units { get; }

    /// <summary>Rows of a map; 1 for what is no map.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of a map; for what is no map, all units.</summary>
    static abstract int Columns { get; }

    /// <summary>The width of the border that input and output lie in.</summary>
    static abstract int Border { get; }
}
