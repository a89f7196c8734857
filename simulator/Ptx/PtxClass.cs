namespace GpuConvnet.Simulator.Ptx;

/// <summary>What an instruction costs a multiprocessor, by kind.</summary>
public enum PtxClass
{
    /// <summary>Nothing: a copy between registers, a parameter, and a product that its sum takes along as one FMA.</summary>
    Free,

    /// <summary>A multiply-add: a sum with the product that it takes along.</summary>
    Fma,

    /// <summary>Other float arithmetic of one instruction.</summary>
    FloatArithmetic,

    /// <summary>A division, reciprocal or root, rounded as IEEE 754 says: a routine of some instructions.</summary>
    Division,

    /// <summary>An approximation by the special function unit.</summary>
    Special,

    /// <summary>A product of matrices, 16 x 8 by 8 x 8, on a tensor core.</summary>
    Tensor,

    /// <summary>Integer arithmetic, conversions, comparisons and selections.</summary>
    IntegerArithmetic,

    /// <summary>An integer division or remainder: a routine of some instructions.</summary>
    IntegerDivision,

    /// <summary>A branch or return.</summary>
    Branch,

    /// <summary>A barrier.</summary>
    Barrier,

    /// <summary>A load from shared memory.</summary>
    SharedLoad,

    /// <summary>A store to shared memory.</summary>
    SharedStore,

    /// <summary>A load from the device's memory.</summary>
    GlobalLoad,

    /// <summary>A store to the device's memory.</summary>
    GlobalStore,
}
