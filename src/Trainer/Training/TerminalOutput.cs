using System.Text;
using Spectre.Console;

namespace GpuConvnet.Trainer.Training;

/// <summary>A terminal for Spectre.Console, which knows by itself no writer but those of <see cref="Console"/>.</summary>
/// <param name="writer">What is written reaches the terminal as it is.</param>
internal sealed class TerminalOutput(TextWriter writer) : IAnsiConsoleOutput
{
    private const int UsualWidth = 80;
    private const int UsualHeight = 24;

    /// <inheritdoc/>
    public TextWriter Writer => writer;

    /// <inheritdoc/>
    public bool IsTerminal => true;

    /// <inheritdoc/>
    public int Width => Console.WindowWidth is > 0 and var width ? width : UsualWidth;

    /// <inheritdoc/>
    public int Height => Console.WindowHeight is > 0 and var height ? height : UsualHeight;

    /// <inheritdoc/>
    public void SetEncoding(Encoding encoding)
    {
    }
}
