using System.Collections.Concurrent;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Trainer.Training;
using GpuConvnet.Trainer.Training.Messages;

namespace GpuConvnet.Tests.Training;

/// <summary>The ranks of a job as threads of this process, with the messages that pass between them.</summary>
internal sealed class LoopbackRanks
{
    private readonly ConcurrentQueue<(int From, byte[] Message)>[] _boxes;
    private readonly ConcurrentBag<(int To, TrainMessage Order)> _orders = [];

    private LoopbackRanks(int size) => _boxes = [.. Enumerable.Range(0, size).Select(_ => new ConcurrentQueue<(int, byte[])>())];

    /// <summary>Does the first rank's work, while the others serve it; checks that nothing is left on the way.</summary>
    /// <returns>What each worker was given to train.</returns>
    public static ILookup<int, TrainMessage> Run(int size, Action<Workers> first, CancellationToken? interruption = null)
    {
        LoopbackRanks ranks = new(size);
        Thread[] others =
        [
            .. Enumerable.Range(1, size - 1)
                .Select(rank => new Thread(() => Worker.Serve(new Rank(ranks, rank), interruption ?? CancellationToken.None))),
        ];
        Array.ForEach(others, thread => thread.Start());
        try
        {
            using Workers workers = new(new Rank(ranks, 0));
            first(workers);
        }
        finally
        {
            Array.ForEach(others, thread => thread.Join());
        }

        Assert.All(ranks._boxes, Assert.Empty);
        return ranks._orders.ToLookup(order => order.To, order => order.Order);
    }

    private sealed class Rank(LoopbackRanks all, int rank) : IMessages
    {
        int IMessages.Rank => rank;

        public int Size => all._boxes.Length;

        public int LocalRank => rank;

        public int Threads => 1;

        public void Send(int to, ReadOnlySpan<byte> message)
        {
            all._boxes[to].Enqueue((rank, message.ToArray()));
            if (MessageBytes.Read(message) is TrainMessage order)
            {
                all._orders.Add((to, order));
            }
        }

        public bool TryReceive(out int from, out byte[] message)
        {
            bool isThere = all._boxes[rank].TryDequeue(out (int From, byte[] Message) found);
            (from, message) = isThere ? found : (-1, []);
            return isThere;
        }
    }
}
