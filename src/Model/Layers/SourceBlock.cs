namespace GpuConvnet.Model.Layers;

/// <summary>Maps of the input, one after the other, that the same groups read one after the other.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
/// <param name="Readers">Which groups read the first, as which of their sources; the others are the sources behind it.</param>
internal sealed record SourceBlock(int First, int Count, (int Group, int Source)[] Readers)
{
    /// <summary>All maps of the input in blocks; those that nobody reads have no readers.</summary>
    /// <param name="maps">How many maps the input has.</param>
    /// <param name="groups">The groups that read them.</param>
    /// <param name="sources">For each map of the output those that it reads.</param>
    public static SourceBlock[] Of(int maps, MapGroup[] groups, int[][] sources)
    {
        List<SourceBlock> blocks = [];
        for (int map = 0; map < maps; map++)
        {
            (int Group, int Source)[] readers = [.. Enumerable.Range(0, groups.Length)
                .Select(group => (group, Array.IndexOf(sources[groups[group].First], map)))
                .Where(reader => reader.Item2 >= 0)];
            if (blocks.Count > 0 && blocks[^1].IsFollowedBy(readers))
            {
                blocks[^1] = blocks[^1] with { Count = blocks[^1].Count + 1 };
            }
            else
            {
                blocks.Add(new SourceBlock(map, 1, readers));
            }
        }

        return [.. blocks];
    }

    private bool IsFollowedBy((int Group, int Source)[] readers) =>
        readers.SequenceEqual(Readers.Select(reader => (reader.Group, reader.Source + Count)));
}
