using System.Diagnostics;
using Spectre.Console;

namespace GpuConvnet.Trainer.Training;

/// <summary>A report with a progress line that stays below the lines written.</summary>
internal sealed class LiveReport(IAnsiConsole console) : TrainingReport
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private ProgressTask? _task;
    private long _shown;

    /// <inheritdoc/>
    public override void WriteLine(string line) => console.WriteLine(line);

    /// <inheritdoc/>
    public override void During(Action work) => console.Progress()
        .AutoClear(true)
        .Columns(
            new ProgressBarColumn { Width = 20 },
            new PercentageColumn(),
            new TaskDescriptionColumn { Alignment = Justify.Left })
        .Start(context =>
        {
            _task = context.AddTask("starting", maxValue: 1);
            work();
            _task = null;
        });

    /// <inheritdoc/>
    public override void Show(double fraction, Func<string> status)
    {
        // Several runs may report at once.
        lock (_gate)
        {
            if (_task is null || (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < s_refresh))
            {
                return;
            }

            _shown = Stopwatch.GetTimestamp();
            _task.Value = fraction;
            _task.Description = Markup.Escape(status());
        }
    }
}
