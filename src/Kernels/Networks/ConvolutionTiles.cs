using GpuConvnet.Model.Layers;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// The maps of a convolution that its kernels work on together: those, one after the other, that read the same maps; and on the
/// way back, maps of the input that the same kernels read.
/// </summary>
/// <param name="Maps">Maps of a tile, 1 to 4.</param>
/// <param name="Count">How many tiles there are.</param>
/// <param name="Readers">Kernels that there is room for in a tile of the input's maps; 0 in one of the output's.</param>
/// <param name="Rows">A row per tile, as <see cref="ConvolutionKernels"/> reads them.</param>
internal sealed record ConvolutionTiles(int Maps, int Count, int Readers, int[] Rows)
{
    /// <summary>The tiles of its maps.</summary>
    public static ConvolutionTiles OfOutput(Convolution layer)
    {
        List<(int First, int Count)> runs = Runs(
            layer.Output[0], map => layer.SourcesOf(map).SequenceEqual(layer.SourcesOf(map - 1)));
        return Of(runs, readers: 0, map => [.. layer.SourcesOf(map)]);
    }

    /// <summary>The tiles of the maps of its input.</summary>
    public static ConvolutionTiles OfInput(Convolution layer)
    {
        List<int>[] kernels = [.. Enumerable.Range(0, layer.Input[0]).Select(_ => new List<int>())];
        int sources = layer.SourcesOf(0).Length;
        for (int map = 0; map < layer.Output[0]; map++)
        {
            for (int source = 0; source < sources; source++)
            {
                kernels[layer.SourcesOf(map)[source]].Add(map * sources + source);
            }
        }

        // A map's kernels must follow those of the map before it, each in the same map of the output.
        List<(int First, int Count)> runs = Runs(
            layer.Input[0],
            map => kernels[map].SequenceEqual(kernels[map - 1].Select(kernel => kernel + 1))
                && kernels[map].All(kernel => kernel % sources != 0));
        int readers = kernels.Max(list => list.Count);
        return Of(runs, readers, map => [kernels[map].Count, .. kernels[map], .. new int[readers - kernels[map].Count]]);
    }

    private static List<(int First, int Count)> Runs(int maps, Func<int, bool> followsTheOneBefore)
    {
        List<(int First, int Count)> runs = [(0, 1)];
        for (int map = 1; map < maps; map++)
        {
            if (followsTheOneBefore(map))
            {
                runs[^1] = (runs[^1].First, runs[^1].Count + 1);
            }
            else
            {
                runs.Add((map, 1));
            }
        }

        return runs;
    }

    /// <summary>Cuts runs into tiles, all of one size; the last of a run overlaps the one before it.</summary>
    private static ConvolutionTiles Of(List<(int First, int Count)> runs, int readers, Func<int, int[]> list)
    {
        int size = Math.Min(4, runs.Min(run => run.Count));
        List<int> rows = [];
        int count = 0;
        foreach ((int first, int maps) in runs)
        {
            for (int begin = 0; begin < maps; begin += size)
            {
                int start = Math.Min(begin, maps - size);
                rows.AddRange([first + start, begin - start, .. list(first + start)]);
                count++;
            }
        }

        return new ConvolutionTiles(size, count, readers, [.. rows]);
    }
}
