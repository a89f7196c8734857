using System.Text;

namespace GpuConvnet.Tests.Fuzzing;

/// <summary>A failure that fuzzing finds is found again by its number.</summary>
public sealed class MutationsTests
{
    private static readonly byte[][] s_seeds =
    [
        Encoding.ASCII.GetBytes("{ \"a\": 12, \"b\": [1, 2, 3] }"), [.. Enumerable.Range(0, 300).Select(value => (byte)value)], [],
    ];

    [Fact]
    public void The_same_seed_gives_the_same_copies_and_another_seed_others()
    {
        IEnumerable<byte[]> copies = Mutations.Of(s_seeds, 500, seed: 1);
        byte[][] first = [.. copies];

        Assert.Equal(first, copies);
        Assert.Equal(first[..100], Mutations.Of(s_seeds, 100, seed: 1));
        Assert.NotEqual(first, Mutations.Of(s_seeds, 500, seed: 2));
    }

    [Fact]
    public void Every_copy_is_damaged_none_is_large_and_the_good_ones_stay()
    {
        byte[][] before = [.. s_seeds.Select(good => (byte[])good.Clone())];
        byte[][] copies = [.. Mutations.Of(s_seeds, 3000, seed: 3)];

        Assert.Equal(before, s_seeds);
        Assert.Equal(3000, copies.Length);
        for (int number = 0; number < copies.Length; number++)
        {
            Assert.NotEqual(s_seeds[number % s_seeds.Length], copies[number]);
            Assert.InRange(copies[number].Length, 0, 1000 + 3 * 4096);
        }

        Assert.Contains(copies, copy => Encoding.ASCII.GetString(copy).Contains("99999999", StringComparison.Ordinal));
        Assert.Contains(copies, copy => copy.Length == 0);
        Assert.Contains(copies, copy => copy.Length > 3000);
    }

    [Fact]
    public void Without_a_file_there_is_nothing_to_damage() =>
        Assert.Throws<ArgumentException>(() => Mutations.Of([], 1, seed: 1));
}
