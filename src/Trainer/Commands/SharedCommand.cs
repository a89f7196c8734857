using System.CommandLine;

namespace GpuConvnet.Trainer.Commands;

/// <summary>A command whose work ranks share, as that of the bare command; of others the first rank does all.</summary>
internal sealed class SharedCommand(string name, string description) : Command(name, description)
{
    /// <summary>Whether ranks share a command's work.</summary>
    public static bool Is(Command command) => command is RootCommand or SharedCommand;
}
