namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of a dense layer, as compile-time constants of its kernels.</summary>
internal interface IDenseSizes
{
    /// <summary>Examples of a block.</summary>
    static abstract int Lanes { get; }

    /// <summary>Tokens, each of which is read by itself; 1 for what is no row of tokens.</summary>
    static abstract int Tokens { get; }

    /// <summary>Inputs of a unit.</summary>
    static abstract int Inputs { get; }

    /// <summary>Units.</summary>
    static abstract int Units { get; }

    /// <summary>From an input's weight to the next input's.</summary>
    static abstract int InputStep { get; }

    /// <summary>From a unit's weight to the next unit's.</summary>
    static abstract int UnitStep { get; }
}
