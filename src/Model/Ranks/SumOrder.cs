namespace GpuConvnet.Model.Ranks;

/// <summary>
/// In which order slices' gradients are added up. It depends on how many slices there are and on nothing else, so that the sum has
/// the same bits whoever holds which of them.
/// </summary>
internal abstract class SumOrder
{
    /// <summary>In pairs, pairs of pairs and so on: the host's.</summary>
    public static SumOrder InPairs { get; } = new PairedSums();

    /// <summary>One after the other: the kernels'.</summary>
    public static SumOrder InTurn { get; } = new SumsInTurn();

    /// <summary>What a rank has to hand over: the sums that it can make of slices of its own, each kept in its first slice.</summary>
    /// <param name="own">The rank's slices.</param>
    /// <param name="slices">Slices of the batch.</param>
    /// <returns>The slices of each sum, in order.</returns>
    public abstract IReadOnlyList<SliceSpan> Parts(SliceSpan own, int slices);

    /// <summary>The additions that make a rank's parts of its slices.</summary>
    /// <param name="own">The rank's slices.</param>
    /// <param name="slices">Slices of the batch.</param>
    /// <returns>Pairs of slices in order: the second is added to the first.</returns>
    public abstract IEnumerable<(int Sum, int Addend)> OwnSums(SliceSpan own, int slices);

    /// <summary>The additions that make the whole of all ranks' parts.</summary>
    /// <param name="parts">The slices of each part; every slice is in one.</param>
    /// <param name="slices">Slices of the batch.</param>
    /// <returns>Pairs of parts in order, each named by its first slice: the second is added to the first. The whole is part 0.</returns>
    public abstract IEnumerable<(int Sum, int Addend)> Rest(IReadOnlySet<SliceSpan> parts, int slices);

    private sealed class PairedSums : SumOrder
    {
        public override IReadOnlyList<SliceSpan> Parts(SliceSpan own, int slices)
        {
            List<SliceSpan> parts = [];
            Add(new SliceSpan(0, slices), Whole(slices));
            return parts;

            void Add(SliceSpan sum, int size)
            {
                if (sum.First >= own.First && sum.End <= own.End)
                {
                    parts.Add(sum);
                }
                else if (sum.First < own.End && sum.End > own.First)
                {
                    (SliceSpan first, SliceSpan second) = Halves(sum, size);
                    Add(first, size / 2);
                    if (second.Count > 0)
                    {
                        Add(second, size / 2);
                    }
                }
            }
        }

        public override IEnumerable<(int Sum, int Addend)> OwnSums(SliceSpan own, int slices)
        {
            for (int distance = 1; distance < slices; distance *= 2)
            {
                for (int slice = 0; slice + distance < slices; slice += 2 * distance)
                {
                    if (slice >= own.First && Math.Min(slice + 2 * distance, slices) <= own.End)
                    {
                        yield return (slice, slice + distance);
                    }
                }
            }
        }

        public override IEnumerable<(int Sum, int Addend)> Rest(IReadOnlySet<SliceSpan> parts, int slices)
        {
            List<(int Sum, int Addend)> sums = [];
            Add(new SliceSpan(0, slices), Whole(slices));
            return sums;

            void Add(SliceSpan sum, int size)
            {
                if (parts.Contains(sum))
                {
                    return;
                }

                (SliceSpan first, SliceSpan second) = Halves(sum, size);
                Add(first, size / 2);
                if (second.Count > 0)
                {
                    Add(second, size / 2);
                    sums.Add((first.First, second.First));
                }
            }
        }

        /// <summary>The smallest power of 2 that is no smaller: the tree's leaves, of which the last may be missing.</summary>
        private static int Whole(int slices)
        {
            int whole = 1;
            while (whole < slices)
            {
                whole *= 2;
            }

            return whole;
        }

        private static (SliceSpan First, SliceSpan Second) Halves(SliceSpan sum, int size)
        {
            int middle = Math.Min(sum.First + size / 2, sum.End);
            return (sum with { End = middle }, sum with { First = middle });
        }
    }

    private sealed class SumsInTurn : SumOrder
    {
        public override IReadOnlyList<SliceSpan> Parts(SliceSpan own, int slices) =>
            [.. Enumerable.Range(own.First, own.Count).Select(slice => new SliceSpan(slice, slice + 1))];

        public override IEnumerable<(int Sum, int Addend)> OwnSums(SliceSpan own, int slices) => [];

        public override IEnumerable<(int Sum, int Addend)> Rest(IReadOnlySet<SliceSpan> parts, int slices) =>
            Enumerable.Range(1, slices - 1).Select(slice => (0, slice));
    }
}
