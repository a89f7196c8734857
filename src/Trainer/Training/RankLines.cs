using GpuConvnet.Mpi;

namespace GpuConvnet.Trainer.Training;

/// <summary>What the program says of the ranks that train together.</summary>
internal static class RankLines
{
    /// <summary>Who they are, and what each trains on. All ranks ask for it.</summary>
    /// <param name="world">The ranks.</param>
    /// <param name="choices">What trains on this rank, by stage.</param>
    public static IReadOnlyList<string> Of(MpiWorld world, IReadOnlyList<EngineChoice> choices)
    {
        int[] threads = new int[world.Size];
        world.AllGather([world.Threads], threads, [.. Enumerable.Repeat(1, world.Size)]);
        string note = world.Note ?? "";
        string machines = world.Machines == 1 ? "one machine" : FormattableString.Invariant($"{world.Machines} machines");
        string each = choices[^1].Driver is null
            ? FormattableString.Invariant($"{(threads.Min() == threads.Max() ? $"{threads[0]}" : $"{threads.Min()} to {threads.Max()}")} ")
                + $"{(threads.Max() == 1 ? "thread" : "threads")} each"
            : "a device each: rank r of a machine takes its device r, modulo how many it has";
        string first = FormattableString.Invariant($"ranks: {world.Size} on {machines}, {each} ({world.Library})");
        return [first, .. Notes(world, note)];
    }

    /// <summary>The ranks' notes, each once.</summary>
    private static IEnumerable<string> Notes(MpiWorld world, string own)
    {
        byte[] all = ((Model.Ranks.IRanks)world).Join<byte>(System.Text.Encoding.UTF8.GetBytes(own + "\n"));
        return System.Text.Encoding.UTF8.GetString(all).Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct();
    }
}
