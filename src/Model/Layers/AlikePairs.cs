namespace GpuConvnet.Model.Layers;

/// <summary>All groups of a table: in pairs that are alike, and those that are left.</summary>
/// <param name="Pairs">The pairs.</param>
/// <param name="Alone">The groups that are left.</param>
/// <param name="All">All groups, one by one.</param>
internal sealed record AlikePairs(AlikePair[] Pairs, int[] Alone, int[] All)
{
    /// <summary>Pairs a table's groups.</summary>
    /// <param name="table">The table.</param>
    public static AlikePairs Of(TapTable table)
    {
        List<AlikePair> pairs = [];
        foreach ((int Group, int Step)[] alike in table.Classes())
        {
            for (int i = 0; i + 1 < alike.Length; i += 2)
            {
                pairs.Add(new AlikePair(alike[i].Group, alike[i + 1].Group, alike[i + 1].Step - alike[i].Step));
            }
        }

        int[] all = [.. Enumerable.Range(0, table.Starts.Length - 1)];
        return new AlikePairs(
            [.. pairs.OrderBy(pair => pair.First)], [.. all.Except(pairs.SelectMany(pair => new[] { pair.First, pair.Other }))], all);
    }
}
