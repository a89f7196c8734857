namespace GpuConvnet.Tests.Commands;

/// <summary>Presses Ctrl-C, so to speak, when a line that begins in a certain way has been written.</summary>
internal sealed class CancellingWriter(string trigger, CancellationTokenSource interruption) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.StartsWith(trigger, StringComparison.Ordinal) == true)
        {
            interruption.Cancel();
        }
    }
}
