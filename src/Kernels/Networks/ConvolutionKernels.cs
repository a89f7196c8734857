using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// A convolution, (input maps, rows, columns) to (maps, rows, columns), whose plain twin is <c>Model/Layers/Convolution</c>. A
/// group works on a block of examples, a thread on one of them. The border is there, in the memory around the input's maps.
/// </summary>
/// <remarks>
/// A register tile is four maps, which read the same maps of the input, and four neighbouring columns: each weight that is
/// read is used four times, and each value. Where maps or columns are no multiple of four, the last tile overlaps the one
/// before it, which alone writes what both have.
/// </remarks>
internal static class ConvolutionKernels
{
    /// <summary>Columns that a thread works on.</summary>
    public const int TileColumns = 4;

    /// <summary>Taps of a kernel's row of which a thread sums the gradients.</summary>
    public const int TileTaps = 5;

    /// <summary>What a row of the tables of tiles begins with: the first map, and how many the tile before has written.</summary>
    public const int TileHead = 2;

    /// <summary>
    /// output = activation(bias + weights * input). Grid: (tile: (tile of maps, row, four columns), block).
    /// </summary>
    /// <param name="input">(blocks, input maps, rows, columns, lanes), with its border.</param>
    /// <param name="weights">(maps, sources, kernel, kernel).</param>
    /// <param name="biases">(maps), or (maps, rows, columns).</param>
    /// <param name="tiles">(tiles, 2 + sources): for each tile of maps the head, and the input's maps that it reads.</param>
    /// <param name="output">(blocks, maps, rows, columns, lanes), with its border.</param>
    public static void Forward<TSizes, TOutput>(
        ArrayView<float> input, ArrayView<float> weights, ArrayView<float> biases, ArrayView<int> tiles, ArrayView<float> output)
        where TSizes : struct, IConvolutionSizes
        where TOutput : struct, IActivation
    {
        int columnTiles = Tiles.Count(TSizes.Columns, TileColumns);
        int begin = Grid.IdxX % columnTiles * TileColumns;
        int row = Grid.IdxX / columnTiles % TSizes.Rows;
        int tile = Grid.IdxX / (columnTiles * TSizes.Rows) * (TileHead + TSizes.Sources);
        int column = Tiles.Start(begin, TSizes.Columns, TileColumns);
        int map = tiles[tile];
        int window = row * TSizes.Stride * InputPitch<TSizes>() + column * TSizes.Stride + Corner<TSizes>();
        int block = Grid.IdxY * (TSizes.InputMaps * InputUnits<TSizes>() * TSizes.Lanes) + Group.IdxX;
        int weight = map * FanIn<TSizes>();
        int step = TSizes.Kernel % 5 == 0 ? 5 : TSizes.Kernel % 3 == 0 ? 3 : TSizes.Kernel % 2 == 0 ? 2 : 1;
        Float4 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        for (int source = 0; source < TSizes.Sources; source++)
        {
            int inputMap = TSizes.Sources == TSizes.InputMaps ? source : tiles[tile + TileHead + source];
            int place = block + (inputMap * InputUnits<TSizes>() + window) * TSizes.Lanes;
            for (int tapRow = 0; tapRow < TSizes.Kernel; tapRow++)
            {
                int from = place + tapRow * (InputPitch<TSizes>() * TSizes.Lanes);
                for (int tap = 0; tap < TSizes.Kernel; tap += step)
                {
                    AddTap<TSizes>(input, from, weights, weight, ref sums0, ref sums1, ref sums2, ref sums3);
                    if (step > 1)
                    {
                        AddTap<TSizes>(input, from + TSizes.Lanes, weights, weight + 1, ref sums0, ref sums1, ref sums2, ref sums3);
                    }

                    if (step > 2)
                    {
                        AddTap<TSizes>(
                            input, from + 2 * TSizes.Lanes, weights, weight + 2, ref sums0, ref sums1, ref sums2, ref sums3);
                    }

                    if (step > 3)
                    {
                        AddTap<TSizes>(
                            input, from + 3 * TSizes.Lanes, weights, weight + 3, ref sums0, ref sums1, ref sums2, ref sums3);
                        AddTap<TSizes>(
                            input, from + 4 * TSizes.Lanes, weights, weight + 4, ref sums0, ref sums1, ref sums2, ref sums3);
                    }

                    from += step * TSizes.Lanes;
                    weight += step;
                }
            }
        }

        int skipped = tiles[tile + 1];
        int to = Grid.IdxY * (TSizes.Maps * OutputUnits<TSizes>() * TSizes.Lanes) + Group.IdxX
            + (map * OutputUnits<TSizes>() + (row + TSizes.OutputBorder) * OutputPitch<TSizes>() + column + TSizes.OutputBorder)
            * TSizes.Lanes;
        int pitch = OutputUnits<TSizes>() * TSizes.Lanes;
        int bias = TSizes.Biases == 1 ? map : map * TSizes.Biases + row * TSizes.Columns + column;
        if (skipped < 1)
        {
            Finish<TSizes, TOutput>(output, to, biases, bias, begin - column, sums0);
        }

        if (TSizes.TileMaps > 1 && skipped < 2)
        {
            Finish<TSizes, TOutput>(output, to + pitch, biases, bias + TSizes.Biases, begin - column, sums1);
        }

        if (TSizes.TileMaps > 2 && skipped < 3)
        {
            Finish<TSizes, TOutput>(output, to + 2 * pitch, biases, bias + 2 * TSizes.Biases, begin - column, sums2);
        }

        if (TSizes.TileMaps > 3)
        {
            Finish<TSizes, TOutput>(output, to + 3 * pitch, biases, bias + 3 * TSizes.Biases, begin - column, sums3);
        }
    }

    /// <summary>
    /// From the output's gradient to the input's; where the input is an activation's output, to that activation's input.
    /// Columns a stride apart lie under the same taps: a thread has four of those.
    /// Grid: (tile: (tile of the input's maps, row, phase, four columns a stride apart), block).
    /// </summary>
    /// <param name="deltas">(blocks, maps, rows, columns, lanes), the output's gradient.</param>
    /// <param name="weights">(maps, sources, kernel, kernel).</param>
    /// <param name="tiles">
    /// (tiles, 3 + readers): for each tile of the input's maps the head, how many kernels read the first of them, and those, as
    /// map * sources + source; the tile's other maps are read by the kernels that follow.
    /// </param>
    /// <param name="readers">Kernels that there is room for in <paramref name="tiles"/>.</param>
    /// <param name="input">(blocks, input maps, rows, columns, lanes), with its border.</param>
    /// <param name="gradient">(blocks, input maps, rows, columns, lanes), the input's gradient.</param>
    public static void BackwardInput<TSizes, TInput>(
        ArrayView<float> deltas, ArrayView<float> weights, ArrayView<int> tiles, int readers, ArrayView<float> input,
        ArrayView<float> gradient)
        where TSizes : struct, IConvolutionSizes
        where TInput : struct, IActivation
    {
        int phaseColumns = Tiles.Count(TSizes.InputColumns, TSizes.Stride);
        int columnTiles = Tiles.Count(phaseColumns, TileColumns);
        int begin = Grid.IdxX % columnTiles * TileColumns;
        int phase = Grid.IdxX / columnTiles % TSizes.Stride;
        int row = Grid.IdxX / (columnTiles * TSizes.Stride) % TSizes.InputRows;
        int tile = Grid.IdxX / (columnTiles * TSizes.Stride * TSizes.InputRows) * (TileHead + 1 + readers);
        int place = Tiles.Start(begin, phaseColumns, TileColumns);
        int inputMap = tiles[tile];
        int count = tiles[tile + TileHead];
        int block = Grid.IdxY * (TSizes.Maps * TSizes.Rows * TSizes.Columns * TSizes.Lanes) + Group.IdxX;
        int firstRow = (row + TSizes.Padding) % TSizes.Stride;
        int firstTap = (phase + TSizes.Padding) % TSizes.Stride;
        Float4 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        for (int reader = 0; reader < count; reader++)
        {
            int kernel = tiles[tile + TileHead + 1 + reader];
            int from = block + kernel / TSizes.Sources * (TSizes.Rows * TSizes.Columns * TSizes.Lanes);
            int weight = kernel * (TSizes.Kernel * TSizes.Kernel);
            for (int tapRow = firstRow; tapRow < TSizes.Kernel; tapRow += TSizes.Stride)
            {
                int outputRow = (row + TSizes.Padding - tapRow) / TSizes.Stride;
                if (row + TSizes.Padding >= tapRow && outputRow < TSizes.Rows)
                {
                    for (int tap = firstTap; tap < TSizes.Kernel; tap += TSizes.Stride)
                    {
                        int outputColumn = place + (phase + TSizes.Padding) / TSizes.Stride - tap / TSizes.Stride;
                        Float4 values = LoadRow<TSizes>(deltas, from, outputRow, outputColumn);
                        AddProducts(
                            weights, weight + tapRow * TSizes.Kernel + tap, TSizes.Kernel * TSizes.Kernel, TSizes.TileInputs, values,
                            ref sums0, ref sums1, ref sums2, ref sums3);
                    }
                }
            }
        }

        int skipped = tiles[tile + 1];
        int pitch = TSizes.InputRows * TSizes.InputColumns * TSizes.Lanes;
        int column = place * TSizes.Stride + phase;
        int to = Grid.IdxY * (TSizes.InputMaps * pitch) + Group.IdxX + inputMap * pitch
            + (row * TSizes.InputColumns + column) * TSizes.Lanes;
        int value = Grid.IdxY * (TSizes.InputMaps * InputUnits<TSizes>() * TSizes.Lanes) + Group.IdxX
            + (inputMap * InputUnits<TSizes>() + (row + TSizes.InputBorder) * InputPitch<TSizes>() + column + TSizes.InputBorder)
            * TSizes.Lanes;
        int inputPitch = InputUnits<TSizes>() * TSizes.Lanes;
        if (skipped < 1)
        {
            StoreColumns<TSizes, TInput>(input, value, gradient, to, column, begin - place, sums0);
        }

        if (TSizes.TileInputs > 1 && skipped < 2)
        {
            StoreColumns<TSizes, TInput>(input, value + inputPitch, gradient, to + pitch, column, begin - place, sums1);
        }

        if (TSizes.TileInputs > 2 && skipped < 3)
        {
            StoreColumns<TSizes, TInput>(input, value + 2 * inputPitch, gradient, to + 2 * pitch, column, begin - place, sums2);
        }

        if (TSizes.TileInputs > 3)
        {
            StoreColumns<TSizes, TInput>(input, value + 3 * inputPitch, gradient, to + 3 * pitch, column, begin - place, sums3);
        }
    }

    /// <summary>
    /// From the output's gradient to the weights': a delta times the value under the tap, summed over a map's units and a
    /// slice's examples. Grid: (tile: (tile of maps, source, row of the kernel, five taps), slice).
    /// </summary>
    /// <param name="input">(blocks, input maps, rows, columns, lanes), with its border.</param>
    /// <param name="deltas">(blocks, maps, rows, columns, lanes), the output's gradient.</param>
    /// <param name="tiles">(tiles, 2 + sources): for each tile of maps the head, and the input's maps that it reads.</param>
    /// <param name="slices">Which slices, and where their sums go.</param>
    /// <param name="offset">The weights' place among the parameters.</param>
    public static void BackwardWeights<TSizes>(
        ArrayView<float> input, ArrayView<float> deltas, ArrayView<int> tiles, BlockSlices slices, int offset)
        where TSizes : struct, IConvolutionSizes
    {
        int tapTiles = Tiles.Count(TSizes.Kernel, TileTaps);
        int begin = Grid.IdxX % tapTiles * TileTaps;
        int tapRow = Grid.IdxX / tapTiles % TSizes.Kernel;
        int source = Grid.IdxX / (tapTiles * TSizes.Kernel) % TSizes.Sources;
        int tile = Grid.IdxX / (tapTiles * TSizes.Kernel * TSizes.Sources) * (TileHead + TSizes.Sources);
        int tap = Tiles.Start(begin, TSizes.Kernel, TileTaps);
        int map = tiles[tile];
        int inputMap = tiles[tile + TileHead + source];
        int units = TSizes.Rows * TSizes.Columns;
        int pitch = TSizes.Stride * TSizes.Lanes;

        // As many at once as go: ILGPU leaves loops as they are, and some compilers after it too.
        int step = TSizes.Columns % 4 == 0 ? 4 : TSizes.Columns % 2 == 0 ? 2 : 1;
        slices.Range(Grid.IdxY, out int start, out int end);
        Taps5 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        for (int block = start; block < end; block++)
        {
            int place = block * (TSizes.InputMaps * InputUnits<TSizes>() * TSizes.Lanes) + Group.IdxX
                + (inputMap * InputUnits<TSizes>() + tapRow * InputPitch<TSizes>() + tap + Corner<TSizes>()) * TSizes.Lanes;
            int unit = (block * TSizes.Maps + map) * (units * TSizes.Lanes) + Group.IdxX;
            for (int row = 0; row < TSizes.Rows; row++)
            {
                int from = place + row * (InputPitch<TSizes>() * TSizes.Stride * TSizes.Lanes);
                int delta = unit + row * (TSizes.Columns * TSizes.Lanes);
                for (int column = 0; column < TSizes.Columns; column += step)
                {
                    AddUnit<TSizes>(input, from, deltas, delta, ref sums0, ref sums1, ref sums2, ref sums3);
                    if (step > 1)
                    {
                        AddUnit<TSizes>(
                            input, from + pitch, deltas, delta + TSizes.Lanes, ref sums0, ref sums1, ref sums2, ref sums3);
                    }

                    if (step > 2)
                    {
                        AddUnit<TSizes>(
                            input, from + 2 * pitch, deltas, delta + 2 * TSizes.Lanes, ref sums0, ref sums1, ref sums2, ref sums3);
                        AddUnit<TSizes>(
                            input, from + 3 * pitch, deltas, delta + 3 * TSizes.Lanes, ref sums0, ref sums1, ref sums2, ref sums3);
                    }

                    from += step * pitch;
                    delta += step * TSizes.Lanes;
                }
            }
        }

        ArrayView<float> shared = SharedMemory.Allocate<float>(LaneSums.Pitch * LaneSums.MostLanes);
        LaneSums.Keep(shared, sums0, sums1, sums2, sums3);
        int skipped = tiles[tile + 1];
        int weight = offset + map * FanIn<TSizes>() + (source * TSizes.Kernel + tapRow) * TSizes.Kernel + tap;
        for (int value = Group.IdxX; value < LaneSums.Values; value += TSizes.Lanes)
        {
            float sum = LaneSums.Sum(shared, value, TSizes.Lanes);
            int tileMap = value / TileTaps;
            int tileTap = value % TileTaps;
            if (tileMap >= skipped && tileMap < TSizes.TileMaps && tileTap >= begin - tap && tileTap < TSizes.Kernel)
            {
                slices.Store(Grid.IdxY, weight + tileMap * FanIn<TSizes>() + tileTap, sum);
            }
        }
    }

    /// <summary>Adds the products of four columns' values under a tap and its weights of four maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTap<TSizes>(
        ArrayView<float> input, int from, ArrayView<float> weights, int weight,
        ref Float4 sums0, ref Float4 sums1, ref Float4 sums2, ref Float4 sums3)
        where TSizes : struct, IConvolutionSizes
    {
        Float4 values = Tiles.LoadFour(input, from, TSizes.Stride * TSizes.Lanes, TSizes.Columns);
        AddProducts(weights, weight, FanIn<TSizes>(), TSizes.TileMaps, values, ref sums0, ref sums1, ref sums2, ref sums3);
    }

    /// <summary>Adds the products of a unit's deltas of four maps and the values under five taps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddUnit<TSizes>(
        ArrayView<float> input, int from, ArrayView<float> deltas, int delta,
        ref Taps5 sums0, ref Taps5 sums1, ref Taps5 sums2, ref Taps5 sums3)
        where TSizes : struct, IConvolutionSizes
    {
        int pitch = TSizes.Rows * TSizes.Columns * TSizes.Lanes;
        Taps5 values = Tiles.LoadFive(input, from, TSizes.Lanes, TSizes.Kernel);
        Tiles.Add(ref sums0, deltas[delta], values);
        if (TSizes.TileMaps > 1)
        {
            Tiles.Add(ref sums1, deltas[delta + pitch], values);
        }

        if (TSizes.TileMaps > 2)
        {
            Tiles.Add(ref sums2, deltas[delta + 2 * pitch], values);
        }

        if (TSizes.TileMaps > 3)
        {
            Tiles.Add(ref sums3, deltas[delta + 3 * pitch], values);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int InputPitch<TSizes>()
        where TSizes : struct, IConvolutionSizes => TSizes.InputColumns + 2 * TSizes.InputBorder;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int InputUnits<TSizes>()
        where TSizes : struct, IConvolutionSizes => (TSizes.InputRows + 2 * TSizes.InputBorder) * InputPitch<TSizes>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int OutputPitch<TSizes>()
        where TSizes : struct, IConvolutionSizes => TSizes.Columns + 2 * TSizes.OutputBorder;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int OutputUnits<TSizes>()
        where TSizes : struct, IConvolutionSizes => (TSizes.Rows + 2 * TSizes.OutputBorder) * OutputPitch<TSizes>();

    /// <summary>Where the first unit's window begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Corner<TSizes>()
        where TSizes : struct, IConvolutionSizes => (TSizes.InputBorder - TSizes.Padding) * (InputPitch<TSizes>() + 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FanIn<TSizes>()
        where TSizes : struct, IConvolutionSizes => TSizes.Sources * TSizes.Kernel * TSizes.Kernel;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProducts(
        ArrayView<float> weights, int weight, int pitch, int maps, Float4 values,
        ref Float4 sums0, ref Float4 sums1, ref Float4 sums2, ref Float4 sums3)
    {
        sums0 = values.TimesPlus(weights[weight], sums0);
        if (maps > 1)
        {
            sums1 = values.TimesPlus(weights[weight + pitch], sums1);
        }

        if (maps > 2)
        {
            sums2 = values.TimesPlus(weights[weight + 2 * pitch], sums2);
        }

        if (maps > 3)
        {
            sums3 = values.TimesPlus(weights[weight + 3 * pitch], sums3);
        }
    }

    /// <summary>Four neighbouring deltas of a row, 0 where there are none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float4 LoadRow<TSizes>(ArrayView<float> deltas, int map, int row, int column)
        where TSizes : struct, IConvolutionSizes => new()
        {
            C0 = LoadDelta<TSizes>(deltas, map, row, column),
            C1 = LoadDelta<TSizes>(deltas, map, row, column + 1),
            C2 = LoadDelta<TSizes>(deltas, map, row, column + 2),
            C3 = LoadDelta<TSizes>(deltas, map, row, column + 3),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float LoadDelta<TSizes>(ArrayView<float> deltas, int map, int row, int column)
        where TSizes : struct, IConvolutionSizes
    {
        // Read even where it is not wanted: a load that every thread makes is cheaper than a branch.
        bool isInside = column >= 0 & column < TSizes.Columns;
        float value = deltas[map + (row * TSizes.Columns + (isInside ? column : 0)) * TSizes.Lanes];
        return isInside ? value : 0f;
    }

    /// <summary>Writes the sums of a map's four columns with their biases, activated, but for those that another tile writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TSizes, TOutput>(
        ArrayView<float> output, int to, ArrayView<float> biases, int bias, int skipped, Float4 sums)
        where TSizes : struct, IConvolutionSizes
        where TOutput : struct, IActivation
    {
        Float4 added = TSizes.Biases == 1 ? Float4.Of(biases[bias]) : Tiles.LoadFour(biases, bias, 1, TSizes.Columns);
        Tiles.StoreFour(sums.Plus(added).Applied<TOutput>(), output, to, TSizes.Lanes, skipped, TSizes.Columns);
    }

    /// <summary>Writes four columns of the input's gradient a stride apart, but for those that another tile writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreColumns<TSizes, TInput>(
        ArrayView<float> input, int value, ArrayView<float> gradient, int to, int column, int skipped, Float4 sums)
        where TSizes : struct, IConvolutionSizes
        where TInput : struct, IActivation
    {
        int step = TSizes.Stride * TSizes.Lanes;
        if (skipped < 1 && column < TSizes.InputColumns)
        {
            gradient[to] = sums.C0 * TInput.Derivative(input[value]);
        }

        if (skipped < 2 && column + TSizes.Stride < TSizes.InputColumns)
        {
            gradient[to + step] = sums.C1 * TInput.Derivative(input[value + step]);
        }

        if (skipped < 3 && column + 2 * TSizes.Stride < TSizes.InputColumns)
        {
            gradient[to + 2 * step] = sums.C2 * TInput.Derivative(input[value + 2 * step]);
        }

        if (column + 3 * TSizes.Stride < TSizes.InputColumns)
        {
            gradient[to + 3 * step] = sums.C3 * TInput.Derivative(input[value + 3 * step]);
        }
    }
}
