namespace GpuConvnet.Simulator.Ptx;

/// <summary>
/// Runs kernels' PTX, group after group and warp after warp: what an NVIDIA GPU is given, without one. A warp's 32 lanes go in
/// step; what a branch has separated meets at the branch's postdominator, as the driver's compiler has it too.
/// </summary>
internal static class PtxMachine
{
    /// <summary>Launches a kernel and waits for it.</summary>
    /// <param name="program">The kernel.</param>
    /// <param name="memory">The device's memory.</param>
    /// <param name="grid">Groups, in two dimensions.</param>
    /// <param name="threads">A group's threads, likewise.</param>
    /// <param name="arguments">See <see cref="PtxArguments"/>.</param>
    /// <exception cref="PtxFaultException">The kernel did what PTX does not allow.</exception>
    public static PtxRun Launch(
        PtxProgram program, PtxMemory memory, (int X, int Y) grid, (int X, int Y) threads, params object[] arguments)
    {
        byte[] parameters = PtxArguments.Of(program, arguments);
        PtxRaces races = new(program, "global", memory.Words);
        PtxGroup group = new(program, memory, parameters, races, grid, threads);
        List<IReadOnlyList<PtxStage>> stages = [];
        for (int y = 0; y < grid.Y; y++)
        {
            for (int x = 0; x < grid.X; x++)
            {
                stages.Add(group.Run(x, y));
            }
        }

        return new PtxRun(stages, [.. races.Found, .. group.Races], group.BrokenPromises);
    }
}
