namespace GpuConvnet.Simulator.Ptx;

/// <summary>How an instruction is executed.</summary>
internal enum PtxKind
{
    /// <summary>A function of up to three registers.</summary>
    Compute,

    /// <summary>A register's value, to another one.</summary>
    Copy,

    /// <summary>The warp's product of matrices.</summary>
    Product,

    /// <summary>The same of pairs of elements.</summary>
    ProductOfPairs,

    /// <summary>A value of the launch's parameters.</summary>
    Parameter,

    /// <summary>From memory to registers.</summary>
    Load,

    /// <summary>From registers to memory.</summary>
    Store,

    /// <summary>A branch.</summary>
    Branch,

    /// <summary>The end of a thread.</summary>
    Return,

    /// <summary>The group's barrier.</summary>
    Barrier,
}
