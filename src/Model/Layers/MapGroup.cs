namespace GpuConvnet.Model.Layers;

/// <summary>Maps, one after the other, that read the same maps in the same order.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
internal readonly record struct MapGroup(int First, int Count)
{
    /// <summary>The group's maps in fours, the last of which may have fewer.</summary>
    public IEnumerable<(int First, int Count)> Blocks()
    {
        for (int map = First; map < First + Count; map += 4)
        {
            yield return (map, Math.Min(4, First + Count - map));
        }
    }

    /// <summary>The groups of a table of connections.</summary>
    /// <param name="sources">For each map those that it reads.</param>
    public static MapGroup[] Of(int[][] sources)
    {
        List<MapGroup> groups = [];
        for (int map = 0; map < sources.Length; map++)
        {
            if (groups.Count > 0 && sources[map].AsSpan().SequenceEqual(sources[groups[^1].First]))
            {
                groups[^1] = groups[^1] with { Count = groups[^1].Count + 1 };
            }
            else
            {
                groups.Add(new MapGroup(map, 1));
            }
        }

        return [.. groups];
    }
}
