using System.Runtime.InteropServices;
using GpuConvnet.Mpi;
using GpuConvnet.Trainer.Commands;
using GpuConvnet.Trainer.Runs;
using GpuConvnet.Trainer.Streams;

// Not disposed: a signal may come while the program ends.
CancellationTokenSource interruption = new();
MpiLaunch? launch = MpiLaunch.Detect();

// Open MPI gives each rank a terminal that nobody sees.
StandardStreams streams = new(hasTerminal: launch is null);
MpiWorld? world = null;
bool hasNothingToSave = false;

// The first signal lets what is under way come to its end and be saved, and what has nothing to save end soon; the second ends
// the program where it is.
void Interrupt(PosixSignalContext context)
{
    context.Cancel = true;
    if (interruption.IsCancellationRequested)
    {
        world?.Abort(ExitCode.Interrupted);
        Environment.Exit(ExitCode.Interrupted);
    }

    if (Volatile.Read(ref hasNothingToSave))
    {
        new Thread(EndSoon) { IsBackground = true }.Start();
    }

    interruption.Cancel();
}

// A file that is read from a pipe or a picture that is drawn does not ask whether it is still wanted.
void EndSoon()
{
    Thread.Sleep(TimeSpan.FromSeconds(1));
    streams.Error.WriteLine("Interrupted.");
    Environment.Exit(ExitCode.Interrupted);
}

using PosixSignalRegistration control = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using PosixSignalRegistration termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
if (launch is not null)
{
    // Lines alone are for a terminal that nobody sees, and no word to set it up.
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
        streams.Error.WriteLine($"error: {unusable.Message}");
    }

    return ExitCode.BadInput;
}

int code = world is null
    ? TrainerCommandLine.Run(
        args, streams.Output, streams.Error, interruption.Token, hasNothingToSave: () => Volatile.Write(ref hasNothingToSave, true))
    : RankedProgram.Run(world, streams, args, interruption.Token);
return code == ExitCode.Done && streams.IsOutputLost ? ExitCode.RunFailed : code;
