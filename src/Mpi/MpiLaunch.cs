using System.Globalization;

namespace GpuConvnet.Mpi;

/// <summary>What a launcher of MPI says in the environment of each process that it starts, before MPI is initialised.</summary>
/// <param name="Launcher">Whose it is, for the user.</param>
/// <param name="Rank">This process, from 0.</param>
/// <param name="Size">How many processes it started; null where it does not say.</param>
/// <param name="IsOpenMpi">Whether Open MPI's library is the likelier one.</param>
public sealed record MpiLaunch(string Launcher, int Rank, int? Size, bool IsOpenMpi)
{
    /// <summary>What the environment of this process says.</summary>
    /// <returns>Null where no launcher of MPI started it.</returns>
    public static MpiLaunch? Detect() => Detect(Environment.GetEnvironmentVariable);

    /// <summary>What an environment says.</summary>
    /// <param name="variable">A variable of it; null where it has none of the name.</param>
    /// <returns>Null where no launcher of MPI made it.</returns>
    public static MpiLaunch? Detect(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);

        // Open MPI's launcher sets PMIx's names too, so that its own come first.
        return Of("mpirun of Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", isOpenMpi: true)
            ?? Of("mpiexec of MPICH or a relative", "PMI_RANK", "PMI_SIZE", isOpenMpi: false)
            ?? Of("srun with PMIx", "PMIX_RANK", "SLURM_STEP_NUM_TASKS", isOpenMpi: true);

        MpiLaunch? Of(string launcher, string rank, string size, bool isOpenMpi) =>
            Number(rank) is { } own ? new MpiLaunch(launcher, own, Number(size), isOpenMpi) : null;

        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
    }
}
