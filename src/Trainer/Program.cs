using System.Runtime.InteropServices;
using GpuConvnet.Trainer.Commands;
using GpuConvnet.Trainer.Runs;

using CancellationTokenSource interruption = new();

// The first signal lets the pass come to its end and be saved; the second ends the program where it is.
void Interrupt(PosixSignalContext context)
{
    context.Cancel = true;
    if (interruption.IsCancellationRequested)
    {
        Environment.Exit(ExitCode.Interrupted);
    }

    interruption.Cancel();
}

using PosixSignalRegistration control = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using PosixSignalRegistration termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
return TrainerCommandLine.Run(args, Console.Out, Console.Error, interruption.Token);
