using GpuConvnet.Simulator.Ptx;

namespace GpuConvnet.Simulator.Sass;

/// <summary>
/// A multiprocessor: four schedulers, each of which issues an instruction of one of its warps a cycle, as soon as the warp's
/// scoreboards and the unit allow it. What the assembler has written into the code is taken at its word; latencies and rates
/// are public microbenchmarks'. Groups wait in a queue, and take the place of one that has ended.
/// </summary>
internal sealed class SassMultiprocessor
{
    private const int UnitCycles = 2;
    private const int SpecialCycles = 8;
    private const int SpecialLatency = 24;

    // For sm_90 ptxas has written the same into the code: HMMA needs no scoreboard there.
    private const int TensorLatency = 24;
    private const int BranchCycles = 6;
    private const int BarrierCycles = 12;
    private const int StoreCycles = 12;
    private const int MostQueued = 40;
    private const int SectorBytes = 32;
    private const long MostCycles = 2_000_000;

    private readonly Queue<SassGroup> _waiting;
    private readonly List<SassGroup> _running = [];
    private readonly Scheduler[] _schedulers;
    private readonly HashSet<ulong> _cached = [];
    private readonly double _tensorCycles;
    private long _memoryFree;
    private long _secondLevelFree;

    /// <summary>Gives it some of a launch's groups.</summary>
    /// <param name="program">The kernel's machine code.</param>
    /// <param name="gpu">The GPU.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="groups">Which of its groups.</param>
    /// <param name="together">How many it has room for at once.</param>
    /// <param name="apart">So many cycles lie between the starts of the first of them.</param>
    public SassMultiprocessor(SassProgram program, SassGpu gpu, PtxLaunch launch, IEnumerable<int> groups, int together, int apart = 0)
    {
        _waiting = new Queue<SassGroup>(groups.Select(group => new SassGroup(program, gpu, launch, group)));
        _schedulers = [.. Enumerable.Range(0, PtxGpu.Schedulers).Select(_ => new Scheduler(gpu.FloatUnits))];
        _tensorCycles = gpu.Gpu.TensorCycles;
        while (_running.Count < together && _waiting.TryDequeue(out SassGroup? group))
        {
            Start(group, (long)apart * _running.Count);
        }
    }

    /// <summary>Of each instruction, how often a warp has issued it.</summary>
    public Dictionary<SassInstruction, long> Issued { get; } = [];

    /// <summary>Of each instruction, the cycles that warps have waited before it.</summary>
    public Dictionary<SassInstruction, long> Waits { get; } = [];

    /// <summary>The cycles at which groups have passed a barrier.</summary>
    public List<(int Group, long Cycle)> Barriers { get; } = [];

    /// <summary>What schedulers waited for, in their cycles.</summary>
    public Dictionary<string, long> Idle { get; } = [];

    /// <summary>Cycles of the shared memory's and first-level cache's port.</summary>
    public long MemoryCycles { get; private set; }

    /// <summary>Of each load and store, how many of them.</summary>
    public Dictionary<SassInstruction, long> MemoryCyclesOf { get; } = [];

    /// <summary>Runs all groups.</summary>
    /// <returns>The cycles that it took.</returns>
    public long Run()
    {
        long cycle = 0;
        while (_running.Count > 0)
        {
            foreach (Scheduler scheduler in _schedulers)
            {
                Issue(scheduler, cycle);
            }

            for (int i = _running.Count - 1; i >= 0; i--)
            {
                SassGroup group = _running[i];
                if (Array.TrueForAll(group.Warps, warp => warp.IsDone))
                {
                    End(group, cycle);
                }
                else if (Array.TrueForAll(group.Warps, warp => warp.IsWaiting))
                {
                    Barriers.Add((group.Index, cycle));
                    foreach (SassWarp warp in group.Warps)
                    {
                        warp.PassBarrier();
                        warp.ReadyAt = Math.Max(warp.ReadyAt, cycle + BarrierCycles);
                    }
                }
            }

            if (cycle++ > MostCycles)
            {
                throw new PtxFaultException(
                    "a multiprocessor does not come to an end: "
                    + string.Join("; ", _running.SelectMany(group => group.Warps).Where(warp => !warp.IsDone)
                        .Select(warp => $"{(warp.IsWaiting ? "waits before" : "at")} {warp.Next.Address:x} {warp.Next.Text}")));
            }
        }

        return cycle;
    }

    private void Start(SassGroup group, long cycle)
    {
        _running.Add(group);
        for (int i = 0; i < group.Warps.Length; i++)
        {
            group.Warps[i].ReadyAt = cycle;
            _schedulers[i % _schedulers.Length].Warps.Add(group.Warps[i]);
        }
    }

    private void End(SassGroup group, long cycle)
    {
        _running.Remove(group);
        foreach (Scheduler scheduler in _schedulers)
        {
            scheduler.Warps.RemoveAll(warp => warp.IsDone);
        }

        if (_waiting.TryDequeue(out SassGroup? next))
        {
            Start(next, cycle);
        }
    }

    /// <summary>The warp that issued last goes on as long as it can; then the one that has waited longest.</summary>
    private void Issue(Scheduler scheduler, long cycle)
    {
        string? reason = null;
        for (int i = 0; i < scheduler.Warps.Count; i++)
        {
            SassWarp warp = scheduler.Warps[i];
            if (warp.IsDone)
            {
                continue;
            }

            string? obstacle = Obstacle(scheduler, warp, cycle);
            if (obstacle is null)
            {
                Issue(scheduler, warp, cycle);
                scheduler.Warps.RemoveAt(i);
                if (warp.ReadyAt <= cycle + 2)
                {
                    scheduler.Warps.Insert(0, warp);
                }
                else
                {
                    scheduler.Warps.Add(warp);
                }

                return;
            }

            if (obstacle != "barrier")
            {
                Waits[warp.Next] = Waits.GetValueOrDefault(warp.Next) + 1;
            }

            reason = Worse(reason, obstacle);
        }

        reason ??= "nothing left";
        Idle[reason] = Idle.GetValueOrDefault(reason) + 1;
    }

    private static string Worse(string? one, string other) =>
        one is null || (one == "barrier" && other != "barrier") ? other : one;

    private string? Obstacle(Scheduler scheduler, SassWarp warp, long cycle)
    {
        if (warp.IsWaiting)
        {
            return "barrier";
        }

        if (warp.ReadyAt > cycle)
        {
            return "stall";
        }

        SassInstruction next = warp.Next;
        for (int i = 0; i < 6; i++)
        {
            if ((next.WaitMask >> i & 1) != 0 && warp.Scoreboards[i] > cycle)
            {
                return "scoreboard";
            }
        }

        return next.Unit switch
        {
            SassUnit.Float => scheduler.FloatFree.Min() > cycle ? "float unit" : null,
            SassUnit.Product => scheduler.FloatFree[0] > cycle ? "product unit" : null,
            SassUnit.Integer => scheduler.IntegerFree > cycle ? "integer unit" : null,
            SassUnit.Tensor => scheduler.TensorFree > cycle ? "tensor core" : null,
            SassUnit.Special => scheduler.SpecialFree > cycle ? "special unit" : null,
            SassUnit.Memory => _memoryFree > cycle + MostQueued || scheduler.MemoryFree > cycle ? "memory queue" : null,
            _ => null,
        };
    }

    private void Issue(Scheduler scheduler, SassWarp warp, long cycle)
    {
        SassInstruction instruction = warp.Next;
        warp.Step();
        Issued[instruction] = Issued.GetValueOrDefault(instruction) + 1;
        warp.ReadyAt = cycle + Math.Max(1, instruction.Stall) + instruction.BankConflicts;
        long read = cycle + 2;
        long written = cycle + SpecialLatency;
        switch (instruction.Unit)
        {
            case SassUnit.Float:
                int unit = Array.FindLastIndex(scheduler.FloatFree, free => free <= cycle);
                scheduler.FloatFree[unit] = cycle + UnitCycles + instruction.BankConflicts;
                break;
            case SassUnit.Product:
                scheduler.FloatFree[0] = cycle + UnitCycles * (instruction.Has("WIDE") ? 2 : 1);
                break;
            case SassUnit.Integer:
                scheduler.IntegerFree = cycle + UnitCycles;
                break;
            case SassUnit.Special:
                scheduler.SpecialFree = cycle + SpecialCycles;
                break;
            case SassUnit.Tensor:
                // The part of a cycle that is left over belongs to the next one, if it follows at once.
                scheduler.TensorFree = (scheduler.TensorFree > cycle - 1 ? scheduler.TensorFree : cycle) + _tensorCycles;
                (read, written) = (cycle + (long)_tensorCycles, cycle + TensorLatency);
                break;
            case SassUnit.Memory:
                scheduler.MemoryFree = cycle + UnitCycles;
                (read, written) = Access(instruction, warp, cycle);
                break;
            case SassUnit.Control when instruction.Operation is "BRA" or "CALL" or "RET" or "BSYNC":
                warp.ReadyAt = Math.Max(warp.ReadyAt, cycle + BranchCycles);
                break;
        }

        if (instruction.WriteBarrier < 6)
        {
            warp.Scoreboards[instruction.WriteBarrier] = Math.Max(warp.Scoreboards[instruction.WriteBarrier], written);
        }

        if (instruction.ReadBarrier < 6)
        {
            warp.Scoreboards[instruction.ReadBarrier] = Math.Max(warp.Scoreboards[instruction.ReadBarrier], read);
        }
    }

    private void CountMemory(SassInstruction instruction, int cycles)
    {
        MemoryCycles += cycles;
        MemoryCyclesOf[instruction] = MemoryCyclesOf.GetValueOrDefault(instruction) + cycles;
    }

    /// <summary>When a load or store has read its operands, and when its result is there.</summary>
    private (long Read, long Written) Access(SassInstruction instruction, SassWarp warp, long cycle)
    {
        if (instruction.Operation == "LDC" || warp.Active == 0)
        {
            return (cycle + 4, cycle + (instruction.Operation == "LDC" ? SpecialLatency : 8));
        }

        // A thread's stack is in the first-level cache, the same word of all lanes side by side.
        if (instruction.Operation is "LDL" or "STL")
        {
            int words = instruction.Bytes / sizeof(uint);
            long asked = Math.Max(cycle + 4, _memoryFree);
            _memoryFree = asked + words;
            CountMemory(instruction, words);
            return (asked + words + StoreCycles, asked + words - 1 + PtxCost.CachedLatency - 7);
        }

        bool isShared = instruction.Operation is "LDS" or "STS";
        int cycles = isShared
            ? PtxPort.SharedWavefronts(warp.Addresses, warp.Active, instruction.Bytes, out _)
            : PtxPort.Lines(warp.Addresses, warp.Active, instruction.Bytes);
        long begun = Math.Max(cycle + 4, _memoryFree);
        _memoryFree = begun + cycles;
        CountMemory(instruction, cycles);
        if (isShared)
        {
            return (begun + cycles + StoreCycles, begun + cycles - 1 + PtxCost.SharedLatency - 7);
        }

        bool isStore = instruction.Operation == "STG";
        int sectors = 0;
        HashSet<ulong> seen = [];
        for (int lane = 0; lane < SassWarp.Lanes; lane++)
        {
            if ((warp.Active >> lane & 1) != 0)
            {
                ulong sector = warp.Addresses[lane] / SectorBytes;
                if (seen.Add(sector) && (isStore || _cached.Add(sector)))
                {
                    sectors++;
                }
            }
        }

        if (sectors == 0)
        {
            return (begun + cycles + StoreCycles, begun + cycles - 1 + PtxCost.CachedLatency - 7);
        }

        long sent = Math.Max(begun, _secondLevelFree);
        _secondLevelFree = sent + (long)sectors * SectorBytes / PtxGpu.BytesOfSecondLevel;
        return (begun + cycles + StoreCycles, isStore ? begun + cycles + StoreCycles : _secondLevelFree + PtxCost.MemoryLatency);
    }

    private sealed class Scheduler(int floatUnits)
    {
        /// <summary>Its warps, in the order in which they are asked.</summary>
        public List<SassWarp> Warps { get; } = [];

        public long[] FloatFree { get; } = new long[floatUnits];

        public long IntegerFree { get; set; }

        public long SpecialFree { get; set; }

        public double TensorFree { get; set; }

        public long MemoryFree { get; set; }
    }
}
