using System.CommandLine;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class CommandWithExamples : Command
{
    /// <summary>Whether several ranks share its work; where they do not, the first does it all.</summary>
    public bool IsShared { get; init; }

    /// <summary>Creates the command.</summary>
    /// <param name="name">The word that calls it.</param>
    /// <param name="description">What it does.</param>
    /// <param name="examples">Lines to type, and what comes of them.</param>
    /// <param name="execute">
    /// Does it, and returns the exit code; null for a command that sets an action of its own. The token is cancelled by Ctrl-C.
    /// </param>
    /// <param name="sharesRuns">Whether it trains many runs, which other ranks take a share of.</param>
    public CommandWithExamples(
        string name, string description, IReadOnlyList<string> examples,
        Func<ParseResult, CancellationToken, int>? execute, bool sharesRuns = false)
        : base(name, description)
    {
        Examples = examples;
        if (execute is not null)
        {
            SetAction((arguments, interruption) => Task.FromResult(
                sharesRuns && RankedInvocation.Of(arguments) is { Rank: > 0 } world
                    ? Worker.Serve(world, interruption)
                    : execute(arguments, interruption)));
        }

        IsShared = sharesRuns;
    }

    /// <summary>Lines to type, and what comes of them.</summary>
    public IReadOnlyList<string> Examples { get; }
}
