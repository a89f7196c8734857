using System.CommandLine;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary><c>trainer devices</c>: what there is to train on.</summary>
internal static class DevicesCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        Command command = new("devices", "List what there is to train on.");
        command.SetAction(arguments =>
        {
            TextWriter output = arguments.InvocationConfiguration.Output;
            output.WriteLine($"host 0: {HostProcessor.Name}, {Environment.ProcessorCount} cores");

            // What ILGPU sees is listed here once the kernels know how to find it.
            return ExitCode.Done;
        });
        return command;
    }
}
