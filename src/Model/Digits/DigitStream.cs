
using GpuConvnet.Model.Ranks;

namespace GpuConvnet.Model.Digits;

/// <summary>
/// Built-in digits that are drawn ahead of training, block by block, and forgotten after it: a set of any length in
/// bounded memory. A digit depends on its seed and place alone, so the numbers are those of the set drawn whole.
/// </summary>
internal sealed class DigitStream : ITrainingSet, IDisposable
{
    /// <summary>The most that the blocks' pixels take altogether.</summary>
    public const int MostBytes = 64 << 20;

    private const int LeastBlock = 4_096;
    private const int DigitsBetweenLooks = 64;

    private readonly StreamedSet _set;
    private readonly int _blockSize;
    private readonly int _blocks;
    private readonly CancellationTokenSource _end = new();
    private readonly Stack<Buffer> _free = new();
    private readonly Queue<Drawing> _ahead = new();
    private Drawing? _current;

    /// <summary>Prepares a stream; nothing is drawn before it is asked for.</summary>
    /// <param name="set">The set.</param>
    /// <param name="sample">Its first digits, for evaluation.</param>
    public DigitStream(StreamedSet set, Examples sample)
    {
        _set = set;
        Sample = sample;
        _blockSize = Math.Min(set.Count, set.Batch * Math.Max(1, LeastBlock / set.Batch));
        _blocks = (set.Count + _blockSize - 1) / _blockSize;

        // One block is trained on while each core may draw another.
        int possible = MostBytes / (_blockSize * Shape1989.InputUnits * sizeof(float));
        int buffers = Math.Clamp(1 + Environment.ProcessorCount, 2, Math.Max(2, possible));
        for (int i = 0; i < Math.Min(buffers, _blocks); i++)
        {
            _free.Push(new Buffer(new float[_blockSize * Shape1989.InputUnits], new byte[_blockSize]));
        }
    }

    /// <inheritdoc/>
    public int Count => _set.Count;

    /// <inheritdoc/>
    public Examples Sample { get; }

    /// <inheritdoc/>
    public Examples BlockOf(int place, out int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(place);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, Count);
        int block = place / _blockSize;
        index = place - block * _blockSize;
        if (_current?.Block == block)
        {
            return _current.Examples.Result;
        }

        if (_current is not null)
        {
            _free.Push(_current.Buffer);
            _current = null;
        }

        // Training goes on where it was, so that the next block is the one wanted, but for a new run's first.
        while (_ahead.TryPeek(out Drawing? next) && next.Block != block)
        {
            _ahead.Dequeue();
            next.Examples.GetAwaiter().GetResult();
            _free.Push(next.Buffer);
        }

        if (_ahead.Count == 0)
        {
            Begin(block);
        }

        _current = _ahead.Dequeue();
        int last = _ahead.Count == 0 ? block : _ahead.Last().Block;
        while (_free.Count > 0)
        {
            last = (last + 1) % _blocks;
            Begin(last);
        }

        return _current.Examples.GetAwaiter().GetResult();
    }

    /// <summary>Ends the drawing that is under way.</summary>
    public void Dispose()
    {
        _end.Cancel();
        foreach (Drawing drawing in _ahead.Append(_current).OfType<Drawing>())
        {
            // A drawing that failed has said so, or nobody will miss it.
            ((IAsyncResult)drawing.Examples).AsyncWaitHandle.WaitOne();
        }

        _end.Dispose();
    }

    private void Begin(int block)
    {
        Buffer buffer = _free.Pop();
        _ahead.Enqueue(new Drawing(block, buffer, Task.Run(() => Draw(block, buffer), _end.Token)));
    }

    private Examples Draw(int block, Buffer buffer)
    {
        int first = block * _blockSize;
        LaterDigits digits = new(_set.Seed, buffer.Pixels, buffer.Labels, first);
        int count = Math.Min(_blockSize, Count - first);
        for (int batch = 0; batch < count; batch += _set.Batch)
        {
            SliceSpan own = _set.Share.Of(Math.Min(_set.Batch, count - batch));
            for (int i = own.First; i < own.End; i++)
            {
                if (i % DigitsBetweenLooks == 0)
                {
                    _end.Token.ThrowIfCancellationRequested();
                }

                digits.Require(batch + i);
            }
        }

        // The last block of a pass may be shorter than its buffer; nobody asks for what lies beyond the set.
        return digits.Examples;
    }

    private sealed record Buffer(float[] Pixels, byte[] Labels);

    private sealed record Drawing(int Block, Buffer Buffer, Task<Examples> Examples);
}
