using System.Text;
using GpuConvnet.Model.Ranks;

namespace GpuConvnet.Mpi;

/// <summary>Where a rank is: its machine, who else is there, and the cores that it may use.</summary>
internal sealed class RankPlace
{
    private const int NameBytes = 64;
    private const int MaskBytes = 128;
    private const string StatusFile = "/proc/self/status";

    private RankPlace(int machines, int localRank, int localSize, int threads, string? note)
    {
        Machines = machines;
        LocalRank = localRank;
        LocalSize = localSize;
        Threads = threads;
        Note = note;
    }

    /// <summary>How many machines there are.</summary>
    public int Machines { get; }

    /// <summary>This rank among those of its machine.</summary>
    public int LocalRank { get; }

    /// <summary>How many ranks its machine has.</summary>
    public int LocalSize { get; }

    /// <summary>Threads for which there are cores, one or more.</summary>
    public int Threads { get; }

    /// <summary>What a user should know about cores that no rank may use; null for nothing.</summary>
    public string? Note { get; }

    /// <summary>Asks all ranks.</summary>
    public static RankPlace Of(IRanks ranks)
    {
        byte[] own = new byte[NameBytes + MaskBytes];
        Encoding.UTF8.GetEncoder().Convert(Environment.MachineName, own.AsSpan(0, NameBytes), flush: true, out _, out _, out _);
        OwnCores().CopyTo(own.AsSpan(NameBytes));
        byte[] all = new byte[ranks.Size * own.Length];
        ranks.AllGather<byte>(own, all, [.. Enumerable.Repeat(own.Length, ranks.Size)]);
        return Of(
            ranks.Rank,
            [.. all.Chunk(own.Length).Select(rank => (
                Encoding.UTF8.GetString(rank, 0, NameBytes).TrimEnd('\0'), rank[NameBytes..]))],
            CoresOfMachine(),
            Environment.ProcessorCount);
    }

    /// <summary>Works it out from what all ranks say.</summary>
    /// <param name="rank">This rank.</param>
    /// <param name="all">By rank: its machine, and a bit for each core that it may use.</param>
    /// <param name="cores">Cores of this machine.</param>
    /// <param name="most">Cores that this process may use at a time, which a container may have fewer of than it sees.</param>
    internal static RankPlace Of(int rank, IReadOnlyList<(string Machine, byte[] Cores)> all, int cores, int most)
    {
        (string machine, byte[] mask) = all[rank];
        int[] local = [.. Enumerable.Range(0, all.Count).Where(other => all[other].Machine == machine)];

        // Those who may use the same cores share them; the first of them have one more where they do not come out even.
        int[] sharing = [.. local.Where(other => all[other].Cores.AsSpan().SequenceEqual(mask))];
        int own = Math.Min(Count(mask), most);
        int turn = Array.IndexOf(sharing, rank);
        int threads = Math.Max(1, own / sharing.Length + (turn < own % sharing.Length ? 1 : 0));
        byte[] used = local.Select(other => all[other].Cores)
            .Aggregate((first, second) => [.. first.Zip(second, (one, other) => (byte)(one | other))]);
        int idle = cores - Count(used);
        string? note = idle > 0
            ? FormattableString.Invariant($"note: the launcher bound the {local.Length} ranks of {machine} to {Count(used)} of its {cores} cores")
                + "; 'mpirun --bind-to none' (Open MPI), or '-bind-to none' (MPICH), lets them use all"
            : null;
        return new RankPlace(
            all.Select(other => other.Machine).Distinct().Count(), Array.IndexOf(local, rank), local.Length, threads, note);
    }

    private static int Count(byte[] mask) => mask.Sum(bits => System.Numerics.BitOperations.PopCount(bits));

    /// <summary>A bit for each core that this process may use; where the system does not say, for each that there is.</summary>
    private static byte[] OwnCores()
    {
        byte[] mask = new byte[MaskBytes];
        foreach (int core in AllowedCores())
        {
            if (core < MaskBytes * 8)
            {
                mask[core / 8] |= (byte)(1 << core % 8);
            }
        }

        return mask;
    }

    private static IEnumerable<int> AllowedCores()
    {
        const string Field = "Cpus_allowed_list:";
        string? list = File.Exists(StatusFile)
            ? File.ReadLines(StatusFile).FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal))?[Field.Length..]
            : null;
        return list is null ? Enumerable.Range(0, Environment.ProcessorCount) : Cores(list);
    }

    /// <summary>Cores as Linux lists them: "0-3,8".</summary>
    internal static IEnumerable<int> Cores(string list) => list.Split(',', StringSplitOptions.TrimEntries)
        .Select(range => Array.ConvertAll(range.Split('-'), int.Parse))
        .SelectMany(ends => Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));

    private static int CoresOfMachine()
    {
        const string Online = "/sys/devices/system/cpu/online";
        return File.Exists(Online) ? Cores(File.ReadAllText(Online)).Count() : Environment.ProcessorCount;
    }
}
