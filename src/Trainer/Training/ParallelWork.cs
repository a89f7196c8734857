using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace GpuConvnet.Trainer.Training;

/// <summary>Work side by side.</summary>
internal static class ParallelWork
{
    /// <summary>Does some work for each item, so many at a time, and starts in their order.</summary>
    /// <param name="items">The items.</param>
    /// <param name="atATime">The most that are under way together.</param>
    /// <param name="work">Called from several threads. What it throws first is thrown here, when those under way have ended;
    /// none is started after that.</param>
    public static void ForEach<T>(IEnumerable<T> items, int atATime, Action<T> work)
    {
        // Buffering would hand several items to one thread before another gets its first.
        OrderablePartitioner<T> partitioner = Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering);
        try
        {
            Parallel.ForEach(partitioner, new ParallelOptions { MaxDegreeOfParallelism = atATime }, work);
        }
        catch (AggregateException failures)
        {
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }

    /// <summary>Shares items out among hands, a thread each, which take the next as they come free.</summary>
    /// <param name="items">The items.</param>
    /// <param name="hands">Who works; the first in the calling thread.</param>
    /// <param name="work">Called with an item and who does it. What it throws first is thrown here, when those under way have ended;
    /// none is started after that.</param>
    public static void Share<TItem, THand>(IEnumerable<TItem> items, IReadOnlyList<THand> hands, Action<TItem, THand> work)
    {
        ConcurrentQueue<TItem> left = new(items);
        ExceptionDispatchInfo? first = null;
        Thread[] others = [.. hands.Skip(1).Select(hand => new Thread(() => Serve(hand)) { IsBackground = true })];
        Array.ForEach(others, thread => thread.Start());
        if (hands.Count > 0)
        {
            Serve(hands[0]);
        }

        Array.ForEach(others, thread => thread.Join());
        first?.Throw();

        void Serve(THand hand)
        {
            while (Volatile.Read(ref first) is null && left.TryDequeue(out TItem? item))
            {
                try
                {
                    work(item, hand);
                }
#pragma warning disable CA1031 // Thrown again, in the thread that asked for the work.
                catch (Exception failure)
#pragma warning restore CA1031
                {
                    Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(failure), null);
                }
            }
        }
    }
}
