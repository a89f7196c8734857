using System.CommandLine;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Commands;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class CommandWithExamples : Command
{
    /// <summary>Creates the command.</summary>
    /// <param name="name">The word that calls it.</param>
    /// <param name="description">What it does.</param>
    /// <param name="examples">Lines to type, and what comes of them.</param>
    /// <param name="execute">
    /// Does it, and returns the exit code; null for a command that sets an action of its own. The token is cancelled by Ctrl-C.
    /// </param>
    /// <param name="sharesRuns">Whether it trains many runs, which other ranks take a share of.</param>
    /// <param name="sharesWork">Whether all ranks run it together. Of a command that is neither, the first rank does all.</param>
    public CommandWithExamples(
        string name,
        string description,
        IReadOnlyList<string> examples,
        Func<ParseResult, CancellationToken, int>? execute,
        bool sharesRuns = false,
        bool sharesWork = false)
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

        IsShared = sharesRuns || sharesWork;
    }

    /// <summary>Lines to type, and what comes of them.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Whether several ranks share its work. What such a command has done is kept when it is interrupted.</summary>
    public bool IsShared { get; }
}
