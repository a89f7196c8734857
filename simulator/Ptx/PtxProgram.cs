namespace GpuConvnet.Simulator.Ptx;

/// <summary>A kernel: PTX as ILGPU writes it, decoded, with what its flow of control tells.</summary>
internal sealed class PtxProgram
{
    /// <summary>Where the group's shared memory begins: an address that is not there by mistake.</summary>
    public const ulong SharedBase = 0x10000;

    public required string Name { get; init; }

    public required PtxInstruction[] Instructions { get; init; }

    public required IReadOnlyList<PtxParameter> Parameters { get; init; }

    /// <summary>How many registers there are, constants and special ones included.</summary>
    public required int Registers { get; init; }

    /// <summary>Registers that hold the same value all the time.</summary>
    public required IReadOnlyList<(int Register, ulong Value)> Constants { get; init; }

    /// <summary>Registers that hold a thread's place, by name.</summary>
    public required IReadOnlyDictionary<string, int> Special { get; init; }

    public required int SharedBytes { get; init; }

    /// <summary>The PTX that it was read from.</summary>
    public required string Text { get; init; }

    public static PtxProgram Parse(string ptx)
    {
        PtxProgram program = new PtxParser().Parse(ptx);
        PtxFlow flow = new(program);
        flow.FindReconvergence();
        flow.FuseProducts();
        return program;
    }
}
