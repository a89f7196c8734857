namespace GpuConvnet.Trainer.Training;

/// <summary>A report of lines alone, for a pipe, a file or a terminal that cannot move its cursor.</summary>
internal sealed class PlainReport(TextWriter writer) : TrainingReport
{
    /// <inheritdoc/>
    public override void WriteLine(string line)
    {
        // Flushed line by line: whoever reads the pipe follows the training.
        writer.WriteLine(line);
        writer.Flush();
    }

    /// <inheritdoc/>
    public override void During(Action work) => work();

    /// <inheritdoc/>
    public override void Show(double fraction, Func<string> status)
    {
    }
}
