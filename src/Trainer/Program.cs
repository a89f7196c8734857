using System.Runtime.InteropServices;
using GpuConvnet.Mpi;
using GpuConvnet.Trainer.Commands;
using GpuConvnet.Trainer.Runs;

using CancellationTokenSource interruption = new();
MpiWorld? world = null;

// The first signal lets the pass come to its end and be saved; the second ends the program where it is.
void Interrupt(PosixSignalContext context)
{
    context.Cancel = true;
    if (interruption.IsCancellationRequested)
    {
        world?.Abort(ExitCode.Interrupted);
        Environment.Exit(ExitCode.Interrupted);
    }

    interruption.Cancel();
}

using PosixSignalRegistration control = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using PosixSignalRegistration termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
MpiLaunch? launch = MpiLaunch.Detect();
if (launch is not null)
{
    // Open MPI gives each rank a terminal that nobody sees: lines alone are for it, and no word to set it up.
    Environment.SetEnvironmentVariable("TERM", "dumb");
}

try
{
    world = MpiWorld.Start(launch);
}
catch (MpiException unusable)
{
    // Every rank meets the same; one says so.
    if (launch!.Rank == 0)
    {
        Console.Error.WriteLine($"error: {unusable.Message}");
    }

    return ExitCode.BadInput;
}

return world is null
    ? TrainerCommandLine.Run(args, Console.Out, Console.Error, interruption.Token)
    : RankedProgram.Run(world, args, interruption.Token);
