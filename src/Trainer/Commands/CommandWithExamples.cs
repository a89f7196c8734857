using System.CommandLine;

namespace GpuConvnet.Trainer.Commands;

/// <summary>A command whose help ends with examples.</summary>
/// <param name="name">The word that calls it.</param>
/// <param name="description">What it does.</param>
/// <param name="examples">Lines to type, and what comes of them.</param>
internal sealed class CommandWithExamples(string name, string description, IReadOnlyList<string> examples) : Command(name, description)
{
    /// <summary>Lines to type, and what comes of them.</summary>
    public IReadOnlyList<string> Examples => examples;
}
