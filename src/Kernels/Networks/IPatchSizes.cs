namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of what cuts maps into patches, as compile-time constants of its kernels.</summary>
internal interface IPatchSizes
{
    /// <summary>Examples of a block.</summary>
    static abstract int Lanes { get; }

    /// <summary>Maps.</summary>
    static abstract int Maps { get; }

    /// <summary>Rows of a map.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of a map.</summary>
    static abstract int Columns { get; }

    /// <summary>The side of a patch.</summary>
    static abstract int Patch { get; }
}
