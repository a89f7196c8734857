using System.Text;

namespace GpuConvnet.Trainer.Streams;

/// <summary>
/// Where the program writes what users read. All passes through <see cref="DisplayText"/>, so that whatever stands in a file, a name
/// or a server's answer gives a terminal no orders. Safe for use by several threads.
/// </summary>
internal sealed class DisplayWriter : TextWriter
{
    private readonly Lock _gate = new();

    /// <summary>Writes to another writer.</summary>
    /// <param name="raw">Where to.</param>
    public DisplayWriter(TextWriter raw)
        : base(raw.FormatProvider) => Raw = raw;

    /// <summary>Where it writes to, past all cleaning: for the program's own orders to a terminal.</summary>
    public TextWriter Raw { get; }

    /// <summary>Whether somebody reads it on a terminal.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>The stream below it, for what is no text; null where there is none.</summary>
    public Stream? Bytes { get; init; }

    /// <inheritdoc/>
    public override Encoding Encoding => Raw.Encoding;

    /// <summary>A writer that cleans; itself if it does already.</summary>
    public static DisplayWriter Over(TextWriter writer) => writer as DisplayWriter ?? new DisplayWriter(writer);

    /// <inheritdoc/>
    public override void Write(char value) => Write(value.ToString());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        if (value is { Length: > 0 })
        {
            lock (_gate)
            {
                Raw.Write(DisplayText.Of(value));
            }
        }
    }

    /// <inheritdoc/>
    public override void WriteLine()
    {
        lock (_gate)
        {
            Raw.WriteLine();
        }
    }

    /// <inheritdoc/>
    public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(buffer.ToString());

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        lock (_gate)
        {
            Raw.WriteLine(value is null ? null : DisplayText.Of(value));
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        lock (_gate)
        {
            Raw.Flush();
        }
    }
}
