using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace GpuConvnet.Trainer.Training;

/// <summary>Runs side by side, one core each.</summary>
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
}
