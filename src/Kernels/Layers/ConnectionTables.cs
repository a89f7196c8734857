using GpuConvnet.Model.Network;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Kernels.Layers;

/// <summary><see cref="H2Connections"/> as the kernels read it: from H2 to its sources, and from H1 to its readers.</summary>
internal static class ConnectionTables
{
    /// <summary>
    /// (groups, 8): the maps of H1 that each group of four maps of H2 reads; (12, 8), those that each map reads, where
    /// the maps of a group do not read the same.
    /// </summary>
    public static int[] Sources(H2Connections connections)
    {
        int mapsOfList = connections.IsGrouped ? H2Connections.GroupMaps : 1;
        return
        [
            .. Enumerable.Range(0, H2Maps / mapsOfList)
                .SelectMany(list => connections.Sources(list * mapsOfList).ToArray()),
        ];
    }

    /// <summary>(12, readersOfMap): for each map of H1 the kernels over it, as map of H2 * 8 + source, -1 at the end.</summary>
    public static int[] Readers(H2Connections connections, out int readersOfMap)
    {
        List<int>[] readers = [.. Enumerable.Range(0, H1Maps).Select(_ => new List<int>())];
        for (int map = 0; map < H2Maps; map++)
        {
            ReadOnlySpan<int> sources = connections.Sources(map);
            for (int source = 0; source < H2Sources; source++)
            {
                readers[sources[source]].Add(map * H2Sources + source);
            }
        }

        int most = readers.Max(list => list.Count);
        readersOfMap = most;
        return [.. readers.SelectMany(list => list.Concat(Enumerable.Repeat(-1, most - list.Count)))];
    }

    /// <summary>
    /// (12, readersOfMap): for each map of H1 the groups of four maps of H2 that read it, as group * 8 + source, -1 at the
    /// end. For connections of which the maps of a group read the same.
    /// </summary>
    public static int[] GroupReaders(H2Connections connections, out int readersOfMap)
    {
        List<int>[] readers = [.. Enumerable.Range(0, H1Maps).Select(_ => new List<int>())];
        int[] sources = Sources(connections);
        for (int list = 0; list < sources.Length; list++)
        {
            readers[sources[list]].Add(list);
        }

        int most = readers.Max(list => list.Count);
        readersOfMap = most;
        return [.. readers.SelectMany(list => list.Concat(Enumerable.Repeat(-1, most - list.Count)))];
    }
}
