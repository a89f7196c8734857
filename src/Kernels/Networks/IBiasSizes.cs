namespace GpuConvnet.Kernels.Networks;

/// <summary>Which units have which bias, as compile-time constants of a kernel.</summary>
internal interface IBiasSizes
{
    /// <summary>Examples of a block.</summary>
    static abstract int Lanes { get; }

    /// <summary>Biases.</summary>
    static abstract int Biases { get; }

    /// <summary>Units that have the same bias.</summary>
    static abstract int Terms { get; }

    /// <summary>From a bias's first unit to the next bias's.</summary>
    static abstract int BiasStep { get; }

    /// <summary>From a unit to the next one with the same bias.</summary>
    static abstract int TermStep { get; }
}
