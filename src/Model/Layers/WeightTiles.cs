using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// In which order the gradient by the weights of maps with the same sources is added up: a few rows of units after the other, so that
/// their gradients stay in the first cache; within them source by source, two taps at a time that the same units read through.
/// </summary>
internal sealed class WeightTiles
{
    private const int UnitsAtOnce = 16;

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

            // Of a class with an odd number of taps one waits for the next source.
            (int Column, int Weight)?[] waiting = new (int, int)?[classes.Length];
            for (int source = 0; source < sources.Length; source++)
            {
                for (int like = 0; like < classes.Length; like++)
                {
                    foreach ((int tap, int step) in classes[like])
                    {
                        (int Column, int Weight) next = (sources[source] * input[1] * input[2] + step, source * taps + tap);
                        if (waiting[like] is { } first)
                        {
                            tiles.Add(TileOf(like, first, next.Column, next.Weight));
                            waiting[like] = null;
                        }
                        else
                        {
                            waiting[like] = next;
                        }
                    }
                }
            }

            for (int like = 0; like < classes.Length; like++)
            {
                if (waiting[like] is { } alone)
                {
                    tiles.Add(TileOf(like, alone, alone.Column, -1));
                }
            }

            PairTile TileOf(int like, (int Column, int Weight) first, int column, int weight)
            {
                int tap = classes[like][0].Tap;
                return new PairTile(
                    firstPair + table.Starts[tap], table.Starts[tap + 1] - table.Starts[tap], first.Column, column, first.Weight, weight);
            }
        }

        return new WeightTiles([.. tiles], [.. unitOf], [.. placeOf]);
    }
}
