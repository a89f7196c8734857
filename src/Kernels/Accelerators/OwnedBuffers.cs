namespace GpuConvnet.Kernels.Accelerators;

/// <summary>Memory and more that belongs to one owner, which lets it go in the opposite order.</summary>
internal sealed class OwnedBuffers : IDisposable
{
    private readonly Stack<IDisposable> _buffers = new();

    /// <summary>Takes a buffer over, from the moment that it is made: an owner whose construction fails loses none.</summary>
    /// <returns>The buffer.</returns>
    public T Add<T>(T buffer)
        where T : IDisposable
    {
        _buffers.Push(buffer);
        return buffer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_buffers.TryPop(out IDisposable? buffer))
        {
            buffer.Dispose();
        }
    }
}
