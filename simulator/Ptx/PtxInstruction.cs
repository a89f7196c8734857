namespace GpuConvnet.Simulator.Ptx;

/// <summary>A decoded instruction. Registers are numbers; constants and special registers are registers too.</summary>
internal sealed class PtxInstruction
{
    public required string Text { get; init; }

    public required PtxKind Kind { get; init; }

    public PtxClass Class { get; set; }

    /// <summary>The register that decides whether a lane takes part; -1 for none.</summary>
    public int Predicate { get; init; } = -1;

    /// <summary>Whether lanes take part where the predicate is false.</summary>
    public bool IsNegated { get; init; }

    /// <summary>Of <see cref="PtxKind.Compute"/>.</summary>
    public Func<ulong, ulong, ulong, ulong>? Function { get; init; }

    public int[] Destinations { get; init; } = [];

    /// <summary>What is read, but for predicate and address.</summary>
    public int[] Sources { get; init; } = [];

    /// <summary>The register with the address; -1 where there is none.</summary>
    public int Address { get; init; } = -1;

    /// <summary>What is added to the address, or the place among the parameters.</summary>
    public long Offset { get; init; }

    public bool IsShared { get; init; }

    /// <summary>Bytes of each of the values that are loaded or stored.</summary>
    public int ValueBytes { get; init; }

    public bool IsSigned { get; init; }

    /// <summary>The label of a branch.</summary>
    public string Label { get; init; } = "";

    /// <summary>Whether the program promises that all lanes which come here go the same way.</summary>
    public bool IsUniform { get; init; }

    /// <summary>Where a branch leads.</summary>
    public int Target { get; set; } = -1;

    /// <summary>Where lanes that a branch has separated meet again; <see cref="int.MaxValue"/> for nowhere.</summary>
    public int Reconvergence { get; set; } = int.MaxValue;

    public bool EndsBlock => Kind is PtxKind.Branch or PtxKind.Return;

    /// <summary>Every register that is read.</summary>
    public IEnumerable<int> Reads
    {
        get
        {
            foreach (int source in Sources)
            {
                yield return source;
            }

            if (Address >= 0)
            {
                yield return Address;
            }

            if (Predicate >= 0)
            {
                yield return Predicate;
            }
        }
    }
}
