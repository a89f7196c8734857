using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Network;

/// <summary>
/// Which maps of H1 each map of H2 reads. The paper says only that each takes eight of the twelve; the table is the
/// article's, and the one place where it is written down.
/// </summary>
public static class H2Connections
{
    private static readonly int[] s_firstFour = [0, 1, 2, 3, 4, 5, 6, 7];
    private static readonly int[] s_middleFour = [4, 5, 6, 7, 8, 9, 10, 11];
    private static readonly int[] s_lastFour = [0, 1, 2, 3, 8, 9, 10, 11];

    /// <summary>Consecutive maps of H2 that read the same maps of H1.</summary>
    public const int GroupMaps = 4;

    /// <summary>Maps 0-3, 4-7 and 8-11 of H2.</summary>
    public const int Groups = H2Maps / GroupMaps;

    /// <summary>The eight maps of H1 that a map of H2 reads, in the order of its kernels in <c>H2w</c>.</summary>
    /// <param name="map">The map of H2, 0 to 11.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such map.</exception>
    public static ReadOnlySpan<int> Sources(int map) => (map / GroupMaps) switch
    {
        _ when map < 0 => throw new ArgumentOutOfRangeException(nameof(map), map, "H2 has maps 0 to 11."),
        0 => s_firstFour,
        1 => s_middleFour,
        2 => s_lastFour,
        _ => throw new ArgumentOutOfRangeException(nameof(map), map, "H2 has maps 0 to 11."),
    };
}
