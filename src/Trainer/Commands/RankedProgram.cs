using System.Globalization;
using GpuConvnet.Mpi;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Streams;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The program as one of several ranks: the first speaks for all, and none is left behind.</summary>
internal static class RankedProgram
{
    // A fault that all ranks meet is met within moments by all.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_patienceOfInterrupted = TimeSpan.FromSeconds(15);

    /// <summary>Runs a rank to its end.</summary>
    /// <param name="world">All ranks.</param>
    /// <param name="streams">Where this one prints.</param>
    /// <param name="arguments">Without the program's own name.</param>
    /// <param name="interruption">Cancelled when the user wants the program to end in good order.</param>
    /// <returns>The exit code.</returns>
    public static int Run(MpiWorld world, StandardStreams streams, IReadOnlyList<string> arguments, CancellationToken interruption)
    {
        TextWriter output = world.Rank == 0 ? streams.Output : TextWriter.Null;
        using StringWriter held = new(CultureInfo.InvariantCulture);
        int code;
        bool saysWhy = false;
        try
        {
            code = TrainerCommandLine.Run(
                arguments, output, world.Rank == 0 ? streams.Error : held, interruption, world);
            saysWhy = code is not (ExitCode.Done or ExitCode.Interrupted);
        }
        catch (OtherRankFailedException other)
        {
            code = other.ExitCode;
        }

        // Who was interrupted has reason to think that all were; but for the first, which saves what is done, none waits for ever.
        TimeSpan? patience = code switch
        {
            ExitCode.Done => null,
            ExitCode.Interrupted => world.Rank == 0 ? s_patienceOfInterrupted : null,
            _ => s_patience,
        };
        world.End(code, patience, saysWhy, () =>
        {
            if (held.ToString().Trim() is { Length: > 0 } message)
            {
                streams.Error.WriteLine(FormattableString.Invariant($"rank {world.Rank} on {Environment.MachineName}: {message}"));
            }
        });
        return code;
    }
}
