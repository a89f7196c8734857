using System.CommandLine;
using GpuConvnet.Mpi;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary>An invocation by one of several ranks.</summary>
internal sealed class RankedInvocation(MpiWorld world) : InvocationConfiguration
{
    /// <summary>All ranks.</summary>
    public MpiWorld World => world;

    /// <summary>The other ranks of an invocation, to train whole runs; null where there are none.</summary>
    public static Workers? Workers(ParseResult arguments) =>
        Of(arguments) is { Size: > 1 } world ? new Workers(world, world.Note) : null;

    /// <summary>The ranks of an invocation; null for a process that is alone.</summary>
    public static MpiWorld? Of(ParseResult arguments) => (arguments.InvocationConfiguration as RankedInvocation)?.World;
}
