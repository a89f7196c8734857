namespace GpuConvnet.Trainer.Streams;

/// <summary>
/// A standard stream that may fail at any time, its disk full or its terminal gone, without the program failing with it: what cannot
/// be written is dropped. A reader that goes away, as <c>head</c> does, is no failure; .NET passes over it.
/// </summary>
/// <param name="inner">The stream; null for one that is closed.</param>
/// <param name="failed">Hears once, in a few words, why it cannot be written to.</param>
internal sealed class LastingStream(Stream? inner, Action<string> failed) : Stream
{
    private const int DiskFull = 28;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    private int _hasFailed;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Volatile.Read(ref _hasFailed) != 0 || buffer.IsEmpty)
        {
            return;
        }

        if (inner is null)
        {
            Fail("is closed");
            return;
        }

        try
        {
            inner.Write(buffer);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Fail(failure.HResult is DiskFull or WindowsDiskFull
                ? $"is full ({failure.Message})"
                : $"cannot be written to ({failure.Message.TrimEnd('.')})");
        }
    }

    /// <inheritdoc/>
    public override void Flush() => inner?.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private void Fail(string why)
    {
        if (Interlocked.Exchange(ref _hasFailed, 1) == 0)
        {
            failed(why);
        }
    }
}
