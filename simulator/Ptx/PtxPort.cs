namespace GpuConvnet.Simulator.Ptx;

/// <summary>A group's way to memory: loads and stores of a warp's lanes, and what they ask of banks and caches.</summary>
internal sealed class PtxPort(PtxMemory memory, int sharedBytes, PtxRaces globalRaces, PtxRaces sharedRaces)
{
    private const int Banks = 32;
    private const int LineBytes = 128;
    private const int SectorBytes = 32;

    private readonly byte[] _shared = new byte[sharedBytes];
    private readonly HashSet<ulong> _loaded = [];

    /// <summary>Branches that promise that lanes do not part there, and at which they did.</summary>
    public HashSet<string> BrokenPromises { get; } = [];

    /// <summary>Another group: nothing is known in shared memory, or cached.</summary>
    public void Begin()
    {
        _shared.AsSpan().Fill(0xFF);
        _loaded.Clear();
    }

    /// <summary>The bytes that a lane loads or stores.</summary>
    public Span<byte> At(PtxInstruction instruction, int index, ulong address, int bytes, int thread)
    {
        Span<byte> place;
        int word;
        PtxRaces races;
        if (instruction.IsShared)
        {
            ulong offset = address - PtxProgram.SharedBase;
            if (address < PtxProgram.SharedBase || offset + (ulong)bytes > (ulong)_shared.Length || offset % (ulong)bytes != 0)
            {
                throw new PtxFaultException($"shared memory of {_shared.Length} bytes has no {bytes} at {(long)offset}");
            }

            place = _shared.AsSpan((int)offset, bytes);
            word = (int)offset / 4;
            races = sharedRaces;
        }
        else
        {
            place = memory.At(address, bytes);
            word = PtxMemory.WordOf(address);
            races = globalRaces;
        }

        for (int i = 0; i < (bytes + 3) / 4; i++)
        {
            if (instruction.Kind == PtxKind.Load)
            {
                races.Read(word + i, thread, index);
            }
            else
            {
                races.Write(word + i, thread, index);
            }
        }

        return place;
    }

    /// <summary>Counts what an access asks of the memory.</summary>
    /// <returns>Cycles until a load has its value.</returns>
    public int Count(PtxInstruction instruction, ReadOnlySpan<ulong> addresses, uint active, PtxCounts counts)
    {
        int bytes = instruction.ValueBytes * Math.Max(instruction.Destinations.Length, instruction.Sources.Length);
        return instruction.IsShared
            ? CountShared(addresses, active, bytes, counts)
            : CountGlobal(instruction, addresses, active, bytes, counts);
    }

    /// <summary>
    /// The cycles that an access to shared memory takes. Lanes are served so many at a time that they ask for 128 bytes at most:
    /// 32, 16 or 8. A bank of theirs takes a cycle for each word that it is asked for; lanes that ask for the same word get
    /// it together.
    /// </summary>
    /// <param name="addresses">Of each lane.</param>
    /// <param name="active">Which lanes take part.</param>
    /// <param name="bytes">Bytes of a lane.</param>
    /// <param name="conflicts">The cycles that banks are to blame for.</param>
    public static int SharedWavefronts(ReadOnlySpan<ulong> addresses, uint active, int bytes, out int conflicts)
    {
        int together = LineBytes / Math.Max(bytes, 4);
        Span<int> wordsOfBank = stackalloc int[Banks];
        Span<ulong> distinct = stackalloc ulong[PtxWarp.Lanes * 4];
        int wavefronts = 0;
        conflicts = 0;
        for (int first = 0; first < PtxWarp.Lanes; first += together)
        {
            if ((active >> first & (uint)((1ul << together) - 1)) == 0)
            {
                continue;
            }

            wordsOfBank.Clear();
            int words = 0;
            for (int lane = first; lane < first + together; lane++)
            {
                for (int part = 0; (active >> lane & 1) != 0 && part < bytes; part += 4)
                {
                    if (IsNew((addresses[lane] + (ulong)part) / 4, distinct, ref words))
                    {
                        wordsOfBank[(int)((addresses[lane] + (ulong)part) / 4 % Banks)]++;
                    }
                }
            }

            int most = 0;
            foreach (int asked in wordsOfBank)
            {
                most = Math.Max(most, asked);
            }

            wavefronts += most;
            conflicts += most - 1;
        }

        return wavefronts;
    }

    /// <summary>
    /// The cycles that an access to the device's memory takes in the first-level cache: one for each line of 128 bytes.
    /// </summary>
    /// <param name="addresses">Of each lane.</param>
    /// <param name="active">Which lanes take part.</param>
    /// <param name="bytes">Bytes of a lane.</param>
    public static int Lines(ReadOnlySpan<ulong> addresses, uint active, int bytes)
    {
        int together = LineBytes / Math.Max(bytes, 4);
        Span<ulong> distinct = stackalloc ulong[PtxWarp.Lanes];
        int all = 0;
        for (int first = 0; first < PtxWarp.Lanes; first += together)
        {
            int lines = 0;
            for (int lane = first; lane < first + together; lane++)
            {
                if ((active >> lane & 1) != 0)
                {
                    IsNew(addresses[lane] / LineBytes, distinct, ref lines);
                }
            }

            all += lines;
        }

        return all;
    }

    private static int CountShared(ReadOnlySpan<ulong> addresses, uint active, int bytes, PtxCounts counts)
    {
        counts.SharedWavefronts += SharedWavefronts(addresses, active, bytes, out int conflicts);
        counts.SharedConflicts += conflicts;
        return PtxCost.SharedLatency;
    }

    private int CountGlobal(
        PtxInstruction instruction, ReadOnlySpan<ulong> addresses, uint active, int bytes, PtxCounts counts)
    {
        counts.GlobalWavefronts += Lines(addresses, active, bytes);
        Span<ulong> distinct = stackalloc ulong[PtxWarp.Lanes];
        int sectors = 0;
        long missed = 0;
        for (int lane = 0; lane < PtxWarp.Lanes; lane++)
        {
            if ((active >> lane & 1) != 0 && IsNew(addresses[lane] / SectorBytes, distinct, ref sectors)
                && instruction.Kind == PtxKind.Load && _loaded.Add(addresses[lane] / SectorBytes))
            {
                missed++;
            }
        }

        if (instruction.Kind == PtxKind.Store)
        {
            counts.StoredSectors += sectors;
            return 0;
        }

        counts.LoadedSectors += sectors;
        counts.MissedSectors += missed;
        return missed > 0 ? PtxCost.MemoryLatency : PtxCost.CachedLatency;
    }

    private static bool IsNew(ulong value, Span<ulong> distinct, ref int count)
    {
        if (distinct[..count].Contains(value))
        {
            return false;
        }

        distinct[count++] = value;
        return true;
    }
}
