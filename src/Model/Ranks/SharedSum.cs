using System.Numerics;
using System.Runtime.InteropServices;

namespace GpuConvnet.Model.Ranks;

/// <summary>
/// A gradient that ranks add up together: each hands its parts of the sum over, a stretch of parameters to each rank, which adds
/// the parts of its stretch in the one order that there is; then every rank is given every stretch.
/// </summary>
internal sealed class SharedSum
{
    /// <summary>Stretches begin at multiples of as many parameters: no two ranks share a cache line of the sum.</summary>
    private const int Grain = 16;

    private readonly IRanks _ranks;
    private readonly SumOrder _order;
    private readonly int _count;
    private readonly int[] _stretches;
    private readonly Dictionary<int, Plan> _plans = [];

    /// <summary>Prepares sums.</summary>
    /// <param name="ranks">Who adds.</param>
    /// <param name="order">In which order.</param>
    /// <param name="count">Parameters of a gradient.</param>
    public SharedSum(IRanks ranks, SumOrder order, int count)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(order);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _ranks = ranks;
        _order = order;
        _count = count;
        _stretches = [.. Enumerable.Range(0, ranks.Size).Select(rank => StretchStart(rank + 1) - StretchStart(rank))];
    }

    /// <summary>How a slice's gradient, or the part that is kept in it, is reached.</summary>
    /// <param name="slice">Which of this rank's slices.</param>
    /// <returns>The parameters' values.</returns>
    public delegate Span<float> SliceReader(int slice);

    /// <summary>The slices that this rank computes.</summary>
    /// <param name="slices">Slices of the batch.</param>
    public SliceSpan Own(int slices) => SliceSpan.Of(_ranks.Rank, _ranks.Size, slices);

    /// <summary>Adds up the gradients of a batch's slices.</summary>
    /// <param name="slices">Slices of the batch.</param>
    /// <param name="own">This rank's, which it may spoil.</param>
    /// <param name="sum">The gradient of the whole batch, out; may be the first of this rank's slices.</param>
    public void Add(int slices, SliceReader own, Span<float> sum)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentOutOfRangeException.ThrowIfLessThan(sum.Length, _count);
        Plan plan = PlanOf(slices);
        foreach ((int first, int addend) in plan.OwnSums)
        {
            AddTo(own(first)[.._count], own(addend)[.._count]);
        }

        int place = 0;
        for (int rank = 0, start = 0; rank < _ranks.Size; start += _stretches[rank++])
        {
            foreach (SliceSpan part in plan.OwnParts)
            {
                own(part.First).Slice(start, _stretches[rank]).CopyTo(plan.Send.AsSpan(place));
                place += _stretches[rank];
            }
        }

        _ranks.AllToAll(plan.Send, plan.SendCounts, plan.Receive, plan.ReceiveCounts);
        int stretch = _stretches[_ranks.Rank];
        foreach ((int first, int addend) in plan.Rest)
        {
            AddTo(plan.Receive.AsSpan(first, stretch), plan.Receive.AsSpan(addend, stretch));
        }

        _ranks.AllGather<float>(plan.Receive.AsSpan(0, stretch), sum[.._count], _stretches);
    }

    private static void AddTo(Span<float> sum, ReadOnlySpan<float> addend)
    {
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(sum);
        ReadOnlySpan<Vector<float>> addends = MemoryMarshal.Cast<float, Vector<float>>(addend);
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += addends[i];
        }

        for (int i = sums.Length * Vector<float>.Count; i < sum.Length; i++)
        {
            sum[i] += addend[i];
        }
    }

    private int StretchStart(int rank)
    {
        int grains = (_count + Grain - 1) / Grain;
        return Math.Min(_count, (int)((long)rank * grains / _ranks.Size) * Grain);
    }

    private Plan PlanOf(int slices)
    {
        ref Plan? plan = ref CollectionsMarshal.GetValueRefOrAddDefault(_plans, slices, out _);
        return plan ??= MakePlan(slices);
    }

    private Plan MakePlan(int slices)
    {
        SliceSpan own = Own(slices);
        int stretch = _stretches[_ranks.Rank];
        IReadOnlyList<SliceSpan> ownParts = _order.Parts(own, slices);
        SliceSpan[] parts =
        [
            .. Enumerable.Range(0, _ranks.Size)
                .SelectMany(rank => _order.Parts(SliceSpan.Of(rank, _ranks.Size, slices), slices)),
        ];

        // Where each part comes to lie in what is received.
        Dictionary<int, int> places = parts.Select((part, index) => (part.First, index * stretch)).ToDictionary();
        int[] sendCounts = [.. _stretches.Select(length => length * ownParts.Count)];
        int[] receiveCounts =
        [
            .. Enumerable.Range(0, _ranks.Size)
                .Select(rank => stretch * _order.Parts(SliceSpan.Of(rank, _ranks.Size, slices), slices).Count),
        ];
        return new Plan(
            [.. _order.OwnSums(own, slices)],
            ownParts,
            [.. _order.Rest(parts.ToHashSet(), slices).Select(pair => (places[pair.Sum], places[pair.Addend]))],
            sendCounts,
            receiveCounts,
            new float[sendCounts.Sum()],
            new float[parts.Length * stretch]);
    }

    /// <summary>What a batch of so many slices takes.</summary>
    private sealed record Plan(
        (int Sum, int Addend)[] OwnSums,
        IReadOnlyList<SliceSpan> OwnParts,
        (int Sum, int Addend)[] Rest,
        int[] SendCounts,
        int[] ReceiveCounts,
        float[] Send,
        float[] Receive);
}
