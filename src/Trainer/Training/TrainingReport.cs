using GpuConvnet.Trainer.Streams;
using Spectre.Console;

namespace GpuConvnet.Trainer.Training;

/// <summary>What a user sees while training: lines, and on a terminal a live line below them.</summary>
internal abstract class TrainingReport
{
    /// <summary>A report on a live terminal if the writer is one, otherwise plain lines.</summary>
    /// <param name="writer">Where to.</param>
    public static TrainingReport On(TextWriter writer) =>
        writer is DisplayWriter { IsTerminal: true } terminal ? Live(terminal) : new PlainReport(writer);

    /// <summary>Writes a line.</summary>
    public abstract void WriteLine(string line);

    /// <summary>Does the work; while it lasts, <see cref="Show"/> has somewhere to show.</summary>
    public abstract void During(Action work);

    /// <summary>Shows how far the work is; cheap, and called often.</summary>
    /// <param name="fraction">From 0 to 1.</param>
    /// <param name="status">A few words, made only if they are shown.</param>
    public abstract void Show(double fraction, Func<string> status);

    // Apart from the caller, so that a piped run does not even load Spectre.Console.
    private static TrainingReport Live(DisplayWriter terminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new TerminalOutput(terminal.Raw),
            ColorSystem = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                ? ColorSystemSupport.Detect
                : ColorSystemSupport.NoColors,
        });
        return console.Profile.Capabilities.Ansi ? new LiveReport(console) : new PlainReport(terminal);
    }
}
