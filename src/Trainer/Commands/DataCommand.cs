using System.CommandLine;

namespace GpuConvnet.Trainer.Commands;

internal static class DataCommand
{
    internal static Command Create() => new("data", "STUB.");
}
