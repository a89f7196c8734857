namespace GpuConvnet.Simulator.Sass;

/// <summary>What executes an instruction.</summary>
internal enum SassUnit
{
    /// <summary>Float arithmetic.</summary>
    Float,

    /// <summary>Integer products, which the same lanes form at half their rate.</summary>
    Product,

    /// <summary>Integers, comparisons, moves.</summary>
    Integer,

    /// <summary>Reciprocals, exponentials, conversions.</summary>
    Special,

    /// <summary>Products of matrices.</summary>
    Tensor,

    /// <summary>Shared memory and first-level cache.</summary>
    Memory,

    /// <summary>What is the same for all lanes.</summary>
    Uniform,

    /// <summary>Branches, barriers, the rest.</summary>
    Control,
}
