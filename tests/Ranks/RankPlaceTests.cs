using GpuConvnet.Mpi;

namespace GpuConvnet.Tests.Ranks;

public sealed class RankPlaceTests
{
    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    public void Ranks_of_the_same_cores_share_them(int rank, int threads)
    {
        RankPlace place = RankPlace.Of(rank, [.. Enumerable.Repeat(("a", Cores(0xFF)), 3)], cores: 8, most: 8);

        Assert.Equal(threads, place.Threads);
        Assert.Equal(3, place.LocalSize);
        Assert.Equal(rank, place.LocalRank);
        Assert.Equal(1, place.Machines);
        Assert.Null(place.Note);
    }

    [Fact]
    public void Ranks_that_are_bound_to_a_core_each_have_a_thread_and_the_idle_cores_are_named()
    {
        RankPlace place = RankPlace.Of(1, [("a", Cores(0x01)), ("a", Cores(0x02))], cores: 8, most: 1);

        Assert.Equal(1, place.Threads);
        Assert.Contains("2 of its 8 cores", place.Note, StringComparison.Ordinal);
        Assert.Contains("--bind-to none", place.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void More_ranks_than_cores_have_a_thread_each() => Assert.All(
        Enumerable.Range(0, 5),
        rank => Assert.Equal(1, RankPlace.Of(rank, [.. Enumerable.Repeat(("a", Cores(0x03)), 5)], 2, 2).Threads));

    [Fact]
    public void Machines_are_told_apart()
    {
        (string, byte[])[] all = [("a", Cores(0x0F)), ("b", Cores(0x0F)), ("a", Cores(0x0F))];

        RankPlace place = RankPlace.Of(2, all, cores: 4, most: 4);

        Assert.Equal((2, 1, 2, 2), (place.Machines, place.LocalRank, place.LocalSize, place.Threads));
        Assert.Equal((0, 1, 4), (RankPlace.Of(1, all, 4, 4).LocalRank, RankPlace.Of(1, all, 4, 4).LocalSize, RankPlace.Of(1, all, 4, 4).Threads));
    }

    [Fact]
    public void A_container_that_may_use_fewer_cores_than_it_sees_has_as_many_threads() =>
        Assert.Equal(2, RankPlace.Of(0, [("a", Cores(0xFF))], cores: 8, most: 2).Threads);

    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3", new[] { 0, 1, 2, 3 })]
    [InlineData(" 1, 4-5\n", new[] { 1, 4, 5 })]
    public void Lists_of_cores_are_read_as_Linux_writes_them(string list, int[] cores) => Assert.Equal(cores, RankPlace.Cores(list));

    private static byte[] Cores(byte mask) => [mask, 0];
}
