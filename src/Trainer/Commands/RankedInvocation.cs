using System.CommandLine;
using GpuConvnet.Mpi;

namespace GpuConvnet.Trainer.Commands;

/// <summary>An invocation by one of several ranks.</summary>
internal sealed class RankedInvocation(MpiWorld world) : InvocationConfiguration
{
    /// <summary>All ranks.</summary>
    public MpiWorld World => world;

    /// <summary>The ranks of an invocation; null for a process that is alone.</summary>
    public static MpiWorld? Of(ParseResult arguments) => (arguments.InvocationConfiguration as RankedInvocation)?.World;
}
