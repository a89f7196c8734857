namespace GpuConvnet.Tests.Ranks;

/// <summary>What came of a launch.</summary>
/// <param name="Code">The launcher's exit code.</param>
/// <param name="Output">Its standard output, all ranks'.</param>
/// <param name="Error">Its standard error, all ranks'.</param>
internal sealed record RanksRun(int Code, string Output, string Error)
{
    /// <summary>Both, as a terminal shows them; Open MPI sends all through the first where ranks have terminals.</summary>
    public string All => Output + Error;
}
