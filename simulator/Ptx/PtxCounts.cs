namespace GpuConvnet.Simulator.Ptx;

/// <summary>What a warp did between two barriers, or several warps did.</summary>
internal sealed class PtxCounts
{
    private static readonly int s_classes = Enum.GetValues<PtxClass>().Length;

    private readonly long[] _instructions = new long[s_classes];

    /// <summary>Lanes that took part, summed over the instructions that are not free.</summary>
    public long Lanes { get; private set; }

    /// <summary>Lanes that took part, summed over the FMAs.</summary>
    public long FmaLanes { get; private set; }

    /// <summary>Cycles of the shared memory: each serves every bank once.</summary>
    public long SharedWavefronts { get; set; }

    /// <summary>Those of them that banks asked for twice by one access are to blame for.</summary>
    public long SharedConflicts { get; set; }

    /// <summary>Cycles of the first-level cache: each serves a line of 128 bytes.</summary>
    public long GlobalWavefronts { get; set; }

    /// <summary>Sectors of 32 bytes that loads asked for.</summary>
    public long LoadedSectors { get; set; }

    /// <summary>Those of them that the group had not loaded before.</summary>
    public long MissedSectors { get; set; }

    /// <summary>Sectors that were written.</summary>
    public long StoredSectors { get; set; }

    /// <summary>Cycles that the warp would take alone, waiting for every result that it needs; of several, the most.</summary>
    public long Chain { get; set; }

    /// <summary>Warp instructions of a class.</summary>
    public long this[PtxClass kind] => _instructions[(int)kind];

    /// <summary>Warp instructions that are not free.</summary>
    public long Instructions => _instructions.Sum() - this[PtxClass.Free];

    /// <summary>Warp instructions that the schedulers issue for float arithmetic and memory.</summary>
    public long LeastSlots => Slots(kind => kind is not (PtxClass.IntegerArithmetic or PtxClass.IntegerDivision));

    /// <summary>The same with all integers that PTX has, of which the driver's compiler finds some superfluous.</summary>
    public long MostSlots => Slots(_ => true);

    /// <summary>The cycles of a unit of 32 lanes for FMAs and other float arithmetic.</summary>
    public long FloatSlots => Slots(kind => kind is PtxClass.Fma or PtxClass.FloatArithmetic or PtxClass.Division);

    /// <summary>Products of matrices on tensor cores.</summary>
    public long TensorProducts => this[PtxClass.Tensor];

    /// <summary>The cycles of a unit of 32 lanes for integers.</summary>
    public long IntegerSlots => Slots(kind => kind is PtxClass.IntegerArithmetic or PtxClass.IntegerDivision);

    public void Add(PtxClass kind, int lanes)
    {
        _instructions[(int)kind]++;
        if (kind != PtxClass.Free)
        {
            Lanes += lanes;
        }

        if (kind == PtxClass.Fma)
        {
            FmaLanes += lanes;
        }
    }

    public static PtxCounts Sum(IEnumerable<PtxCounts> all)
    {
        PtxCounts sum = new();
        foreach (PtxCounts one in all)
        {
            for (int kind = 0; kind < s_classes; kind++)
            {
                sum._instructions[kind] += one._instructions[kind];
            }

            sum.Lanes += one.Lanes;
            sum.FmaLanes += one.FmaLanes;
            sum.SharedWavefronts += one.SharedWavefronts;
            sum.SharedConflicts += one.SharedConflicts;
            sum.GlobalWavefronts += one.GlobalWavefronts;
            sum.LoadedSectors += one.LoadedSectors;
            sum.MissedSectors += one.MissedSectors;
            sum.StoredSectors += one.StoredSectors;
            sum.Chain = Math.Max(sum.Chain, one.Chain);
        }

        return sum;
    }

    private long Slots(Func<PtxClass, bool> isCounted) => Enum.GetValues<PtxClass>()
        .Where(isCounted).Sum(kind => _instructions[(int)kind] * PtxCost.Slots(kind));
}
