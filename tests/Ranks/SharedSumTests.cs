using GpuConvnet.Model.Ranks;

namespace GpuConvnet.Tests.Ranks;

public sealed class SharedSumTests
{
    private const int Parameters = 83;

    public static TheoryData<int, int> RanksAndSlices { get; } = new(
        from ranks in (int[])[1, 2, 3, 4, 5, 8, 13]
        from slices in (int[])[1, 2, 3, 7, 8, 31, 32, 33]
        select (ranks, slices));

    [Theory]
    [MemberData(nameof(RanksAndSlices))]
    public void In_pairs_it_is_the_sum_of_one_process_to_the_bits_and_on_every_rank(int ranks, int slices)
    {
        float[][] gradients = Gradients(slices);

        float[][] sums = Shared(SumOrder.InPairs, ranks, gradients);

        Assert.All(sums, sum => Assert.Equal(PairedSum(gradients), sum));
    }

    [Theory]
    [MemberData(nameof(RanksAndSlices))]
    public void In_turn_it_is_the_sum_of_one_process_to_the_bits_and_on_every_rank(int ranks, int slices)
    {
        float[][] gradients = Gradients(slices);

        float[][] sums = Shared(SumOrder.InTurn, ranks, gradients);

        float[] expected = gradients.Aggregate((sum, next) => [.. sum.Zip(next, (one, other) => one + other)]);
        Assert.All(sums, sum => Assert.Equal(expected, sum));
    }

    [Fact]
    public void The_two_orders_differ_so_that_an_order_is_what_these_tests_hold()
    {
        float[][] gradients = Gradients(32);

        Assert.NotEqual(Shared(SumOrder.InPairs, 3, gradients)[0], Shared(SumOrder.InTurn, 3, gradients)[0]);
    }

    [Theory]
    [MemberData(nameof(RanksAndSlices))]
    public void Slices_are_shared_out_evenly_and_each_once(int ranks, int slices)
    {
        SliceSpan[] shares = [.. Enumerable.Range(0, ranks).Select(rank => SliceSpan.Of(rank, ranks, slices))];

        Assert.Equal(Enumerable.Range(0, slices), shares.SelectMany(share => Enumerable.Range(share.First, share.Count)));
        Assert.InRange(shares.Max(share => share.Count) - shares.Min(share => share.Count), 0, 1);
    }

    [Theory]
    [InlineData(4, 32, 1)]
    [InlineData(32, 32, 1)]
    [InlineData(3, 32, 4)]
    public void A_rank_hands_over_few_parts(int ranks, int slices, int most) => Assert.InRange(
        Enumerable.Range(0, ranks).Max(rank => SumOrder.InPairs.Parts(SliceSpan.Of(rank, ranks, slices), slices).Count), 1, most);

    /// <summary>Slices of very different sizes, so that the order of additions shows in the bits.</summary>
    private static float[][] Gradients(int slices)
    {
        Random random = new(slices);
        return [.. Enumerable.Range(0, slices).Select(_ => Enumerable.Range(0, Parameters)
            .Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 4)))).ToArray())];
    }

    private static float[][] Shared(SumOrder order, int ranks, float[][] gradients) => ThreadRanks.Run(ranks, own =>
    {
        SharedSum shared = new(own, order, Parameters);
        SliceSpan slices = shared.Own(gradients.Length);
        float[][] mine = [.. gradients[slices.First..slices.End].Select(gradient => gradient.ToArray())];
        float[] sum = new float[Parameters];
        shared.Add(gradients.Length, slice => mine[slice - slices.First], sum);

        // A second time, as the next step does, and with what the first left behind.
        mine = [.. gradients[slices.First..slices.End].Select(gradient => gradient.ToArray())];
        shared.Add(gradients.Length, slice => mine[slice - slices.First], sum);
        return sum;
    });

    private static float[] PairedSum(float[][] gradients)
    {
        float[][] parts = [.. gradients.Select(gradient => gradient.ToArray())];
        for (int distance = 1; distance < parts.Length; distance *= 2)
        {
            for (int slice = 0; slice + distance < parts.Length; slice += 2 * distance)
            {
                for (int i = 0; i < Parameters; i++)
                {
                    parts[slice][i] += parts[slice + distance][i];
                }
            }
        }

        return parts[0];
    }
}
