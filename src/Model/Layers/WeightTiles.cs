using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// In which order the gradient by the weights of maps with the same sources is added up: a few rows of units after the other, so that
/// their gradients stay in the first cache; within them source by source, four taps at a time that the same units read through:
/// two tiles, one after the other.
/// </summary>
internal sealed class WeightTiles
{
    private const int UnitsAtOnce = 16;
    private const int TapsAtOnce = 4;

    private WeightTiles(PairTile[] tiles, int[] unitOf, int[] placeOf)
    {
        Tiles = tiles;
        UnitOf = unitOf;
        PlaceOf = placeOf;
    }

    /// <summary>The tiles; a column of weights is a tap of a source.</summary>
    public PairTile[] Tiles { get; }

    /// <summary>Each pair's unit.</summary>
    public int[] UnitOf { get; }

    /// <summary>Each pair's place in a source.</summary>
    public int[] PlaceOf { get; }

    /// <summary>Plans the sums.</summary>
    /// <param name="input">The convolution's input.</param>
    /// <param name="output">Its output.</param>
    /// <param name="options">Kernel, stride and border.</param>
    /// <param name="sources">What the maps read.</param>
    public static WeightTiles Of(TensorShape input, TensorShape output, ConvolutionOptions options, int[] sources)
    {
        List<PairTile> tiles = [];
        List<int> unitOf = [];
        List<int> placeOf = [];
        int taps = options.Kernel * options.Kernel;
        int rowsAtOnce = Math.Max(1, UnitsAtOnce / output[2]);
        for (int row = 0; row < output[1]; row += rowsAtOnce)
        {
            TapTable table = TapTable.ByTap(input, output, options, row, Math.Min(row + rowsAtOnce, output[1]));
            int firstPair = unitOf.Count;
            unitOf.AddRange(table.First);
            placeOf.AddRange(table.Second);
            (int Tap, int Step)[][] classes = table.Classes();

            // Of a class whose taps are no multiple of four some wait for the next source.
            List<(int Column, int Weight)>[] waiting = [.. classes.Select(_ => new List<(int, int)>())];
            for (int source = 0; source < sources.Length; source++)
            {
                for (int like = 0; like < classes.Length; like++)
                {
                    foreach ((int tap, int step) in classes[like])
                    {
                        waiting[like].Add((sources[source] * input[1] * input[2] + step, source * taps + tap));
                        if (waiting[like].Count == TapsAtOnce)
                        {
                            AddTiles(like);
                        }
                    }
                }
            }

            for (int like = 0; like < classes.Length; like++)
            {
                AddTiles(like);
            }

            void AddTiles(int like)
            {
                int tap = classes[like][0].Tap;
                foreach ((int Column, int Weight)[] two in waiting[like].Chunk(2))
                {
                    tiles.Add(new PairTile(
                        firstPair + table.Starts[tap], table.Starts[tap + 1] - table.Starts[tap],
                        two[0].Column, two[^1].Column, two[0].Weight, two.Length == 2 ? two[1].Weight : -1));
                }

                waiting[like].Clear();
            }
        }

        return new WeightTiles([.. tiles], [.. unitOf], [.. placeOf]);
    }
}
