namespace GpuConvnet.Simulator.Sass;

/// <summary>An operand.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Index">
/// Which register, predicate or barrier; of a constant its bank; of an address its register, and where a label leads.
/// </param>
/// <param name="Value">An immediate's bits; a constant's or an address's offset.</param>
/// <param name="Negate">Minus, or a predicate's opposite.</param>
/// <param name="Absolute">Its magnitude.</param>
/// <param name="Invert">All bits turned over.</param>
/// <param name="IsReused">Whether it stays at hand for the next instruction of the warp.</param>
/// <param name="Scale">What an address multiplies its register by.</param>
/// <param name="Uniform">The uniform register that an address adds.</param>
/// <param name="Text">As it was written.</param>
internal sealed record SassOperand(
    SassOperandKind Kind, int Index, uint Value, bool Negate,
    bool Absolute, bool Invert, bool IsReused, int Scale, int Uniform, string Text)
{
    /// <summary>The register that is always 0.</summary>
    public const int Zero = 255;

    /// <summary>The uniform register that is always 0.</summary>
    public const int UniformZero = 63;

    /// <summary>The predicate that always holds.</summary>
    public const int True = 7;

    /// <summary>Whether it is a register as it is.</summary>
    public bool IsPlainRegister => Kind == SassOperandKind.Register && !Negate && !Absolute && !Invert;

    public bool IsPredicate => Kind is SassOperandKind.Predicate or SassOperandKind.UniformPredicate;
}
