using System.Globalization;
using GpuConvnet.Mpi;
using GpuConvnet.Trainer.Runs;

namespace GpuConvnet.Trainer.Commands;

/// <summary>The program as one of several ranks: the first speaks for all, and none is left behind.</summary>
internal static class RankedProgram
{
    // A fault that all ranks meet is met within moments by all.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>Runs a rank to its end.</summary>
    /// <param name="world">All ranks.</param>
    /// <param name="arguments">Without the program's own name.</param>
    /// <param name="interruption">Cancelled when the user wants the program to end in good order.</param>
    /// <returns>The exit code.</returns>
    public static int Run(MpiWorld world, IReadOnlyList<string> arguments, CancellationToken interruption)
    {
        // Open MPI gives each rank a terminal that nobody sees: lines alone are for it, and no word to set it up.
        Environment.SetEnvironmentVariable("TERM", "dumb");
        using StreamWriter? output = world.Rank == 0 ? Lines(Console.OpenStandardOutput()) : null;
        using StreamWriter standardError = Lines(Console.OpenStandardError());
        using StringWriter held = new(CultureInfo.InvariantCulture);
        int code;
        bool saysWhy = false;
        try
        {
            code = TrainerCommandLine.Run(
                arguments, output ?? TextWriter.Null, world.Rank == 0 ? standardError : held, interruption, world);
            saysWhy = code is not (ExitCode.Done or ExitCode.Interrupted);
        }
        catch (OtherRankFailedException)
        {
            code = ExitCode.BadInput;
        }

        world.End(code, code is ExitCode.Done or ExitCode.Interrupted ? null : s_patience, saysWhy, () =>
        {
            if (held.ToString().Trim() is { Length: > 0 } message)
            {
                standardError.WriteLine(FormattableString.Invariant($"rank {world.Rank} on {Environment.MachineName}: {message}"));
            }
        });
        return code;
    }

    private static StreamWriter Lines(Stream stream) => new(stream) { AutoFlush = true };
}
