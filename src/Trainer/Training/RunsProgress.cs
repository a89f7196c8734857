using System.Diagnostics;

namespace GpuConvnet.Trainer.Training;

/// <summary>How far several runs are: a live line for all of them. Safe for use by several threads at once.</summary>
/// <param name="report">Where it is shown.</param>
/// <param name="all">The runs.</param>
internal sealed class RunsProgress(TrainingReport report, IReadOnlyCollection<PlannedRun> all)
{
    private readonly double _allWork = all.Sum(run => run.WorkOf(run.Presentations));
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private double _work;
    private int _finished;

    private string Text => ReportLines.Progress(
        _finished, all.Count, _work / _allWork, Stopwatch.GetElapsedTime(_started).TotalSeconds);

    /// <summary>Follows one of the runs.</summary>
    /// <param name="run">The run, not yet begun.</param>
    public void Watch(LaneRun run)
    {
        PlannedRun planned = run.Planned;
        long reported = 0;
        run.Trained += (steps, _) =>
        {
            Took(steps - reported, planned);
            reported = steps;
        };
    }

    /// <summary>Counts steps of some of the runs.</summary>
    /// <param name="steps">The steps since the last time.</param>
    /// <param name="runs">Who took them, each as many.</param>
    public void Took(long steps, params IEnumerable<PlannedRun> runs)
    {
        lock (_gate)
        {
            _work += runs.Sum(run => run.WorkOf(run.ExamplesOf(steps)));
            report.Show(_work / _allWork, () => Text);
        }
    }

    /// <summary>Counts a run that needed no training.</summary>
    public void Skip(PlannedRun planned)
    {
        lock (_gate)
        {
            _work += planned.WorkOf(planned.Presentations);
        }
    }

    /// <summary>Counts a finished run, and writes a line about it.</summary>
    /// <param name="line">Makes the line of the progress so far; called by one thread at a time.</param>
    public void Finish(Func<string, string> line)
    {
        lock (_gate)
        {
            _finished++;
            report.WriteLine(line(Text));
        }
    }

    /// <summary>Counts a finished run about which others write.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _finished++;
        }
    }
}
