namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of a convolution, as compile-time constants of its kernels.</summary>
internal interface IConvolutionSizes
{
    /// <summary>Examples of a block.</summary>
    static abstract int Lanes { get; }

    /// <summary>Maps of the input.</summary>
    static abstract int InputMaps { get; }

    /// <summary>Rows of a map of the input, without border.</summary>
    static abstract int InputRows { get; }

    /// <summary>Columns of a map of the input, without border.</summary>
    static abstract int InputColumns { get; }

    /// <summary>The width of the border that the input lies in: <see cref="Padding"/> or more.</summary>
    static abstract int InputBorder { get; }

    /// <summary>Maps.</summary>
    static abstract int Maps { get; }

    /// <summary>Rows of a map.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of a map.</summary>
    static abstract int Columns { get; }

    /// <summary>The width of the border that the output lies in.</summary>
    static abstract int OutputBorder { get; }

    /// <summary>Maps of the input that a map reads.</summary>
    static abstract int Sources { get; }

    /// <summary>The side of the kernel.</summary>
    static abstract int Kernel { get; }

    /// <summary>From one unit's window to the next one's.</summary>
    static abstract int Stride { get; }

    /// <summary>The width of the border that the units read.</summary>
    static abstract int Padding { get; }

    /// <summary>Biases of a map: 1, or one per unit.</summary>
    static abstract int Biases { get; }

    /// <summary>Maps that a thread works on, which read the same maps: 1 to 4.</summary>
    static abstract int TileMaps { get; }

    /// <summary>Maps of the input that a thread works on, on the way back: 1 to 4.</summary>
    static abstract int TileInputs { get; }
}
