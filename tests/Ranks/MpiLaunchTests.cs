using GpuConvnet.Mpi;

namespace GpuConvnet.Tests.Ranks;

public sealed class MpiLaunchTests
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4 PMIX_RANK=2", 2, 4, true)]
    [InlineData("PMI_RANK=0 PMI_SIZE=3", 0, 3, false)]
    [InlineData("PMIX_RANK=1 SLURM_STEP_NUM_TASKS=2", 1, 2, true)]
    [InlineData("PMIX_RANK=1", 1, null, true)]
    public void A_launcher_is_known_by_what_it_sets(string environment, int rank, int? size, bool isOpenMpi)
    {
        MpiLaunch? launch = MpiLaunch.Detect(Variables(environment));

        Assert.NotNull(launch);
        Assert.Equal((rank, size, isOpenMpi), (launch.Rank, launch.Size, launch.IsOpenMpi));
    }

    // A batch script of Slurm's is no rank, and has these.
    [Theory]
    [InlineData("")]
    [InlineData("SLURM_PROCID=0 SLURM_NTASKS=4")]
    [InlineData("OMPI_COMM_WORLD_RANK=x")]
    public void Whoever_is_started_by_none_is_alone(string environment) => Assert.Null(MpiLaunch.Detect(Variables(environment)));

    private static Func<string, string?> Variables(string environment)
    {
        Dictionary<string, string> variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return name => variables.GetValueOrDefault(name);
    }
}
