namespace GpuConvnet.Simulator.Sass;

/// <summary>What an operand of an instruction of NVIDIA's machine code is.</summary>
internal enum SassOperandKind
{
    Register,
    UniformRegister,
    Predicate,
    UniformPredicate,
    Constant,
    Immediate,
    Address,
    Special,
    Label,
    ConvergenceBarrier,
    AllPredicates,
}
