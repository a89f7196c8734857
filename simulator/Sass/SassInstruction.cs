namespace GpuConvnet.Simulator.Sass;

/// <summary>An instruction of NVIDIA's machine code, with what its assembler has told the schedulers.</summary>
internal sealed class SassInstruction
{
    public required int Address { get; init; }

    public required string Text { get; init; }

    /// <summary>The predicate that it depends on, or the one that always holds.</summary>
    public required SassOperand Guard { get; init; }

    public required string Operation { get; init; }

    public required string[] Modifiers { get; init; }

    public required SassOperand[] Operands { get; init; }

    /// <summary>Cycles before the warp's next instruction.</summary>
    public required int Stall { get; init; }

    /// <summary>The scoreboard that is taken until the result is there; 7 for none.</summary>
    public required int WriteBarrier { get; init; }

    /// <summary>The scoreboard that is taken until the operands have been read; 7 for none.</summary>
    public required int ReadBarrier { get; init; }

    /// <summary>The scoreboards that must be free.</summary>
    public required int WaitMask { get; init; }

    public SassUnit Unit { get; init; }

    /// <summary>Further cycles, for operands that lie in the same bank of registers.</summary>
    public int BankConflicts { get; set; }

    /// <summary>What it does to the lanes of a warp.</summary>
    public Action<SassWarp, uint> Execute { get; set; } = null!;

    public bool Has(string modifier) => Array.IndexOf(Modifiers, modifier) >= 0;

    /// <summary>Bytes of a lane that a load or store moves.</summary>
    public int Bytes => Has("128") ? 16 : Has("64") ? 8 : Has("U8") ? 1 : 4;
}
