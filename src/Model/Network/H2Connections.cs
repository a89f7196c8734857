using System.Globalization;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Network;

/// <summary>
/// Which maps of H1 each map of H2 reads. The paper says only that each takes eight of the twelve; the default table is
/// the article's, and this the one place where it is written down.
/// </summary>
public sealed class H2Connections : IEquatable<H2Connections>
{
    /// <summary>Consecutive maps of H2 that make a group.</summary>
    public const int GroupMaps = 4;

    /// <summary>Maps 0-3, 4-7 and 8-11 of H2.</summary>
    public const int Groups = H2Maps / GroupMaps;

    private readonly int[] _sources = new int[H2Maps * H2Sources];

    /// <summary>Creates a table.</summary>
    /// <param name="sources">For each of H2's 12 maps the 8 different maps of H1 that it reads, each 0 to 11.</param>
    /// <exception cref="ArgumentException">It is no such table; the message says where.</exception>
    public H2Connections(IReadOnlyList<IReadOnlyList<int>> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        Require(sources.Count == H2Maps, $"{H2Maps} lists are needed, one a map of H2, not {sources.Count}");
        for (int map = 0; map < H2Maps; map++)
        {
            IReadOnlyList<int> list = sources[map];
            Require(list.Count == H2Sources, $"list {map} has {list.Count} maps of H1; a map of H2 reads {H2Sources}");
            for (int source = 0; source < H2Sources; source++)
            {
                int h1Map = list[source];
                Require(h1Map is >= 0 and < H1Maps, $"list {map} has {h1Map}; H1 has maps 0 to {H1Maps - 1}");
                Require(!Sources(map)[..source].Contains(h1Map), $"list {map} has {h1Map} twice");
                _sources[map * H2Sources + source] = h1Map;
            }
        }

        IsGrouped = Enumerable.Range(0, H2Maps).All(map => Sources(map).SequenceEqual(Sources(map / GroupMaps * GroupMaps)));
    }

    /// <summary>The article's: three groups of four maps, of which the first reads maps 0-7 of H1, the second 4-11, the
    /// third 0-3 and 8-11.</summary>
    public static H2Connections Article { get; } = new(
    [
        .. Enumerable.Repeat<int[]>([0, 1, 2, 3, 4, 5, 6, 7], GroupMaps),
        .. Enumerable.Repeat<int[]>([4, 5, 6, 7, 8, 9, 10, 11], GroupMaps),
        .. Enumerable.Repeat<int[]>([0, 1, 2, 3, 8, 9, 10, 11], GroupMaps),
    ]);

    /// <summary>Whether the four maps of every group read the same maps of H1 in the same order.</summary>
    public bool IsGrouped { get; }

    /// <summary>The eight maps of H1 that a map of H2 reads, in the order of its kernels in <c>H2w</c>.</summary>
    /// <param name="map">The map of H2, 0 to 11.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such map.</exception>
    public ReadOnlySpan<int> Sources(int map) => map is >= 0 and < H2Maps
        ? _sources.AsSpan(map * H2Sources, H2Sources)
        : throw new ArgumentOutOfRangeException(nameof(map), map, "H2 has maps 0 to 11.");

    /// <inheritdoc/>
    public bool Equals(H2Connections? other) => other is not null && _sources.AsSpan().SequenceEqual(other._sources);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as H2Connections);

    /// <inheritdoc/>
    public override int GetHashCode() => _sources.Aggregate(0, HashCode.Combine);

    /// <summary>The table as JSON has it: a list of lists, on one line.</summary>
    public override string ToString() =>
        $"[{string.Join(", ", _sources.Chunk(H2Sources).Select(list => $"[{string.Join(", ", list)}]"))}]";

    private static void Require(bool isSo, FormattableString otherwise)
    {
        if (!isSo)
        {
            throw new ArgumentException(otherwise.ToString(CultureInfo.InvariantCulture));
        }
    }
}
