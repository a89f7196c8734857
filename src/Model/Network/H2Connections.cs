using System.Globalization;

namespace GpuConvnet.Model.Network;

/// <summary>
/// Which maps of H1 each map of H2 reads. The paper says only that each takes eight of the twelve; the default table is
/// the article's, and this the one place where it is written down.
/// </summary>
public sealed class H2Connections : IEquatable<H2Connections>
{
    /// <summary>Consecutive maps of H2 that make a group.</summary>
    internal const int GroupMaps = 4;

    /// <summary>Maps 0-3, 4-7 and 8-11 of H2.</summary>
    internal const int Groups = Shape1989.H2Maps / GroupMaps;

    private readonly NetworkShape _shape;
    private readonly int[] _sources;

    /// <summary>Creates a table.</summary>
    /// <param name="sources">For each map of H2 the different maps of H1 that it reads: of 1989's 12 maps 8, each 0 to
    /// 11.</param>
    /// <param name="shape">How many maps there are; the network of 1989's where it is left out.</param>
    /// <exception cref="ArgumentException">It is no such table; the message says where.</exception>
    public H2Connections(IReadOnlyList<IReadOnlyList<int>> sources, NetworkShape? shape = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        _shape = shape ?? NetworkShape.Zip1989;
        (int maps, int ofMap) = (_shape.H2Maps, _shape.H2Sources);
        _sources = new int[maps * ofMap];
        Require(sources.Count == maps, $"{maps} lists are needed, one a map of H2, not {sources.Count}");
        for (int map = 0; map < maps; map++)
        {
            IReadOnlyList<int> list = sources[map];
            Require(list.Count == ofMap, $"list {map} has {list.Count} maps of H1; a map of H2 reads {ofMap}");
            for (int source = 0; source < ofMap; source++)
            {
                int h1Map = list[source];
                Require(h1Map >= 0 && h1Map < _shape.H1Maps, $"list {map} has {h1Map}; H1 has maps 0 to {_shape.H1Maps - 1}");
                Require(!Sources(map)[..source].Contains(h1Map), $"list {map} has {h1Map} twice");
                _sources[map * ofMap + source] = h1Map;
            }
        }

        IsGrouped = Enumerable.Range(0, maps).All(map => Sources(map).SequenceEqual(Sources(map / GroupMaps * GroupMaps)));
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
    internal bool IsGrouped { get; }

    /// <summary>Whether it is a table of a shape: as many maps, reading as many.</summary>
    /// <param name="shape">The shape.</param>
    internal bool Fits(NetworkShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return (shape.H1Maps, shape.H2Maps, shape.H2Sources) == (_shape.H1Maps, _shape.H2Maps, _shape.H2Sources);
    }

    /// <summary>The maps of H1 that a map of H2 reads, in the order of its kernels in <c>H2w</c>.</summary>
    /// <param name="map">The map of H2, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such map.</exception>
    public ReadOnlySpan<int> Sources(int map) => map >= 0 && map < _shape.H2Maps
        ? _sources.AsSpan(map * _shape.H2Sources, _shape.H2Sources)
        : throw new ArgumentOutOfRangeException(nameof(map), map, $"H2 has maps 0 to {_shape.H2Maps - 1}.");

    /// <inheritdoc/>
    public bool Equals(H2Connections? other) =>
        other is not null && Fits(other._shape) && _sources.AsSpan().SequenceEqual(other._sources);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as H2Connections);

    /// <inheritdoc/>
    public override int GetHashCode() => _sources.Aggregate(0, HashCode.Combine);

    /// <summary>The table as JSON has it: a list of lists, on one line.</summary>
    public override string ToString() =>
        $"[{string.Join(", ", _sources.Chunk(_shape.H2Sources).Select(list => $"[{string.Join(", ", list)}]"))}]";

    private static void Require(bool isSo, FormattableString otherwise)
    {
        if (!isSo)
        {
            throw new ArgumentException(otherwise.ToString(CultureInfo.InvariantCulture));
        }
    }
}
