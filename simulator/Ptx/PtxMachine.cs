namespace GpuConvnet.Simulator.Ptx;

/// <summary>
/// Runs kernels' PTX, group after group and warp after warp: what an NVIDIA GPU is given, without one. A warp's 32 lanes go in
/// step; what a branch has separated meets at the branch's postdominator, as the driver's compiler has it too.
/// </summary>
internal static class PtxMachine
{
    /// <summary>Runs a launch to its end.</summary>
    /// <exception cref="PtxFaultException">The kernel did what PTX does not allow.</exception>
    public static PtxRun Run(PtxLaunch launch)
    {
        PtxRaces races = new(launch.Program, "global", launch.Memory.Words);
        PtxGroup group = new(launch.Program, launch.Memory, launch.Parameters(), races, launch.Grid, launch.Threads);
        List<IReadOnlyList<PtxStage>> stages = [];
        for (int y = 0; y < launch.Grid.Y; y++)
        {
            for (int x = 0; x < launch.Grid.X; x++)
            {
                stages.Add(group.Run(x, y));
            }
        }

        return new PtxRun(launch, stages, [.. races.Found, .. group.Races], group.BrokenPromises);
    }
}
