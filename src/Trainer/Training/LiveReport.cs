using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace GpuConvnet.Trainer.Training;

/// <summary>A report with a live line that stays below the lines written.</summary>
/// <remarks>
/// Spectre.Console's own progress display wraps a line that is wider than the terminal, breaks the written lines at
/// words, and redraws from a thread of its own beside the training. Here the training thread redraws, ten times a second.
/// </remarks>
internal sealed class LiveReport(IAnsiConsole console) : TrainingReport
{
    private const int BarWidth = 20;
    private const string Erase = "\r\u001b[K";
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly TextWriter _writer = console.Profile.Out.Writer;
    private bool _isLive;
    private long _shown;
    private (double Fraction, string Status)? _latest;

    /// <inheritdoc/>
    public override void WriteLine(string line)
    {
        lock (_gate)
        {
            _writer.Write(_latest is null ? "" : Erase);
            _writer.WriteLine(DisplayText.Of(line));
            Redraw();
        }
    }

    /// <inheritdoc/>
    public override void During(Action work)
    {
        _isLive = true;
        try
        {
            work();
        }
        finally
        {
            lock (_gate)
            {
                _writer.Write(_latest is null ? "" : Erase);
                _writer.Flush();
                (_isLive, _latest) = (false, null);
            }
        }
    }

    /// <inheritdoc/>
    public override void Show(double fraction, Func<string> status)
    {
        // Several runs may report at once.
        lock (_gate)
        {
            if (_isLive && (_latest is null || Stopwatch.GetElapsedTime(_shown) >= s_refresh))
            {
                _shown = Stopwatch.GetTimestamp();
                _latest = (fraction, status());
                Redraw();
            }
        }
    }

    private void Redraw()
    {
        if (_latest is var (fraction, status))
        {
            (char done, char left) = console.Profile.Capabilities.Unicode ? ('━', '─') : ('#', '-');
            int filled = (int)(fraction * BarWidth);
            string text = string.Create(CultureInfo.InvariantCulture, $" {fraction,4:P0}  {DisplayText.Of(status)}");

            // The last column stays free: some terminals wrap as soon as it is written.
            int room = Math.Max(0, console.Profile.Width - BarWidth - 1);
            _writer.Write(Erase);
            console.Markup($"[green]{new string(done, filled)}[/][grey]{new string(left, BarWidth - filled)}[/]");
            _writer.Write(text.Length <= room ? text : text[..room]);
        }

        _writer.Flush();
    }
}
