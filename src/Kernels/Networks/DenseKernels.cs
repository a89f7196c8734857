using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// Units that read every input, of each token by itself: (tokens, inputs) to (tokens, units), whose plain twin is
/// <c>Model/Layers/Dense</c>. A group works on a block of examples, a thread on one of them.
/// </summary>
/// <remarks>
/// A register tile is four units of four tokens; where there is one token only, sixteen units. Where they are no multiple of
/// that, the last tile overlaps the one before it, which alone writes what both have.
/// </remarks>
internal static class DenseKernels
{
    /// <summary>Units of which a thread sums the gradients of the weights.</summary>
    public const int TileUnits = 4;

    /// <summary>Inputs of which a thread sums the gradients of the weights.</summary>
    public const int TileInputs = 5;

    /// <summary>Sums of a token that a thread has.</summary>
    /// <param name="tokens">How many tokens there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TileSums(int tokens) => tokens == 1 ? 16 : 4;

    /// <summary>Tokens that a thread has.</summary>
    /// <param name="tokens">How many tokens there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TileTokens(int tokens) => tokens == 1 ? 1 : 4;

    /// <summary>output = activation(bias + weights * input). Grid: (tile: (tile of tokens, tile of units), block).</summary>
    /// <param name="input">(blocks, tokens, inputs, lanes).</param>
    /// <param name="weights">Those of inputs and units.</param>
    /// <param name="biases">(units).</param>
    /// <param name="output">(blocks, tokens, units, lanes).</param>
    public static void Forward<TSizes, TOutput>(
        ArrayView<float> input, ArrayView<float> weights, ArrayView<float> biases, ArrayView<float> output)
        where TSizes : struct, IDenseSizes
        where TOutput : struct, IActivation
    {
        Place<TSizes>(TSizes.Units, out int token, out int skippedTokens, out int unit, out int skipped);
        Sums sums = default;
        sums.Row0 = Tiles.LoadFour(biases, unit + RowStart(0, TSizes.Units), 1, TSizes.Units);
        sums.Row1 = sums.Row0;
        sums.Row2 = sums.Row0;
        sums.Row3 = sums.Row0;
        if (TSizes.Tokens == 1)
        {
            sums.Row1 = Tiles.LoadFour(biases, unit + RowStart(1, TSizes.Units), 1, TSizes.Units);
            sums.Row2 = Tiles.LoadFour(biases, unit + RowStart(2, TSizes.Units), 1, TSizes.Units);
            sums.Row3 = Tiles.LoadFour(biases, unit + RowStart(3, TSizes.Units), 1, TSizes.Units);
        }

        AddProducts<TSizes>(ref sums, input, TSizes.Inputs, TSizes.InputStep, weights, TSizes.Units, TSizes.UnitStep, token, unit);
        sums.Row0 = sums.Row0.Applied<TOutput>();
        sums.Row1 = sums.Row1.Applied<TOutput>();
        sums.Row2 = sums.Row2.Applied<TOutput>();
        sums.Row3 = sums.Row3.Applied<TOutput>();
        Store<TSizes>(sums, output, TSizes.Units, token, skippedTokens, unit, skipped);
    }

    /// <summary>
    /// From the output's gradient to the input's; where the input is an activation's output, to that activation's input.
    /// Grid: (tile: (tile of tokens, tile of inputs), block).
    /// </summary>
    /// <param name="deltas">(blocks, tokens, units, lanes), the output's gradient.</param>
    /// <param name="weights">Those of inputs and units.</param>
    /// <param name="values">(blocks, tokens, inputs, lanes), the input.</param>
    /// <param name="gradient">(blocks, tokens, inputs, lanes), the input's gradient.</param>
    public static void BackwardInput<TSizes, TInput>(
        ArrayView<float> deltas, ArrayView<float> weights, ArrayView<float> values, ArrayView<float> gradient)
        where TSizes : struct, IDenseSizes
        where TInput : struct, IActivation
    {
        Place<TSizes>(TSizes.Inputs, out int token, out int skippedTokens, out int input, out int skipped);
        Sums sums = default;
        AddProducts<TSizes>(ref sums, deltas, TSizes.Units, TSizes.UnitStep, weights, TSizes.Inputs, TSizes.InputStep, token, input);
        Scale<TSizes, TInput>(ref sums, values, token, input);
        Store<TSizes>(sums, gradient, TSizes.Inputs, token, skippedTokens, input, skipped);
    }

    /// <summary>
    /// From the output's gradient to the weights': a delta times an input, summed over the tokens and a slice's examples.
    /// Grid: (tile: (four units, five inputs), slice).
    /// </summary>
    /// <param name="input">(blocks, tokens, inputs, lanes).</param>
    /// <param name="deltas">(blocks, tokens, units, lanes), the output's gradient.</param>
    /// <param name="slices">Which slices, and where their sums go.</param>
    /// <param name="offset">The weights' place among the parameters.</param>
    public static void BackwardWeights<TSizes>(ArrayView<float> input, ArrayView<float> deltas, BlockSlices slices, int offset)
        where TSizes : struct, IDenseSizes
    {
        int inputTiles = Tiles.Count(TSizes.Inputs, TileInputs);
        int firstInput = Tiles.Start(Grid.IdxX % inputTiles * TileInputs, TSizes.Inputs, TileInputs);
        int skippedInputs = Grid.IdxX % inputTiles * TileInputs - firstInput;
        int firstUnit = Tiles.Start(Grid.IdxX / inputTiles * TileUnits, TSizes.Units, TileUnits);
        int skippedUnits = Grid.IdxX / inputTiles * TileUnits - firstUnit;
        slices.Range(Grid.IdxY, out int start, out int end);
        Taps5 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        int from = (start * TSizes.Tokens * TSizes.Inputs + firstInput) * TSizes.Lanes + Group.IdxX;
        int delta = (start * TSizes.Tokens * TSizes.Units + firstUnit) * TSizes.Lanes + Group.IdxX;
        for (int token = start * TSizes.Tokens; token < end * TSizes.Tokens; token++)
        {
            Taps5 values = Tiles.LoadFive(input, from, TSizes.Lanes, TSizes.Inputs);
            Tiles.Add(ref sums0, deltas[delta], values);
            if (TSizes.Units > 1)
            {
                Tiles.Add(ref sums1, deltas[delta + TSizes.Lanes], values);
            }

            if (TSizes.Units > 2)
            {
                Tiles.Add(ref sums2, deltas[delta + 2 * TSizes.Lanes], values);
            }

            if (TSizes.Units > 3)
            {
                Tiles.Add(ref sums3, deltas[delta + 3 * TSizes.Lanes], values);
            }

            from += TSizes.Inputs * TSizes.Lanes;
            delta += TSizes.Units * TSizes.Lanes;
        }

        ArrayView<float> shared = SharedMemory.Allocate<float>(LaneSums.Pitch * LaneSums.MostLanes);
        LaneSums.Keep(shared, sums0, sums1, sums2, sums3);
        for (int value = Group.IdxX; value < LaneSums.Values; value += TSizes.Lanes)
        {
            float sum = LaneSums.Sum(shared, value, TSizes.Lanes);
            int unit = value / TileInputs;
            int place = value % TileInputs;
            if (unit >= skippedUnits && unit < TSizes.Units && place >= skippedInputs && place < TSizes.Inputs)
            {
                slices.Store(
                    Grid.IdxY, offset + (firstUnit + unit) * TSizes.UnitStep + (firstInput + place) * TSizes.InputStep, sum);
            }
        }
    }

    /// <summary>A thread's tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Place<TSizes>(int count, out int token, out int skippedTokens, out int sum, out int skipped)
        where TSizes : struct, IDenseSizes
    {
        int width = TileSums(TSizes.Tokens);
        int height = TileTokens(TSizes.Tokens);
        int tiles = Tiles.Count(count, width);
        sum = Tiles.Start(Grid.IdxX % tiles * width, count, width);
        skipped = Grid.IdxX % tiles * width - sum;
        token = Tiles.Start(Grid.IdxX / tiles * height, TSizes.Tokens, height);
        skippedTokens = Grid.IdxX / tiles * height - token;
    }

    /// <summary>Where a row of four sums of a token begins, so that it does not go beyond the last one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int RowStart(int row, int count) => Tiles.Start(4 * row, count < 16 ? count : 16, 4);

    /// <summary>Adds, to each sum, each value times its weight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProducts<TSizes>(
        ref Sums sums, ArrayView<float> values, int valueCount, int valueStep, ArrayView<float> weights, int sumCount, int sumStep,
        int token, int sum)
        where TSizes : struct, IDenseSizes
    {
        int place = (Grid.IdxY * TSizes.Tokens + token) * (valueCount * TSizes.Lanes) + Group.IdxX;
        int weight = sum * sumStep;
        for (int i = 0; i < valueCount; i++)
        {
            float value = values[place];
            Float4 row = Tiles.LoadFour(weights, weight + RowStart(0, sumCount) * sumStep, sumStep, sumCount);
            sums.Row0 = row.TimesPlus(value, sums.Row0);
            if (TSizes.Tokens == 1)
            {
                if (sumCount > 4)
                {
                    row = Tiles.LoadFour(weights, weight + RowStart(1, sumCount) * sumStep, sumStep, sumCount);
                    sums.Row1 = row.TimesPlus(value, sums.Row1);
                }

                if (sumCount > 8)
                {
                    row = Tiles.LoadFour(weights, weight + RowStart(2, sumCount) * sumStep, sumStep, sumCount);
                    sums.Row2 = row.TimesPlus(value, sums.Row2);
                }

                if (sumCount > 12)
                {
                    row = Tiles.LoadFour(weights, weight + RowStart(3, sumCount) * sumStep, sumStep, sumCount);
                    sums.Row3 = row.TimesPlus(value, sums.Row3);
                }
            }
            else
            {
                sums.Row1 = row.TimesPlus(values[place + valueCount * TSizes.Lanes], sums.Row1);
                if (TSizes.Tokens > 2)
                {
                    sums.Row2 = row.TimesPlus(values[place + 2 * valueCount * TSizes.Lanes], sums.Row2);
                }

                if (TSizes.Tokens > 3)
                {
                    sums.Row3 = row.TimesPlus(values[place + 3 * valueCount * TSizes.Lanes], sums.Row3);
                }
            }

            place += TSizes.Lanes;
            weight += valueStep;
        }
    }

    /// <summary>Multiplies the gradient by inputs with the slope of the activation that they come from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale<TSizes, TInput>(ref Sums sums, ArrayView<float> values, int token, int input)
        where TSizes : struct, IDenseSizes
        where TInput : struct, IActivation
    {
        int place = ((Grid.IdxY * TSizes.Tokens + token) * TSizes.Inputs + input) * TSizes.Lanes + Group.IdxX;
        if (TSizes.Tokens == 1)
        {
            ScaleRow<TSizes, TInput>(ref sums.Row0, values, place + RowStart(0, TSizes.Inputs) * TSizes.Lanes);
            ScaleRow<TSizes, TInput>(ref sums.Row1, values, place + RowStart(1, TSizes.Inputs) * TSizes.Lanes);
            ScaleRow<TSizes, TInput>(ref sums.Row2, values, place + RowStart(2, TSizes.Inputs) * TSizes.Lanes);
            ScaleRow<TSizes, TInput>(ref sums.Row3, values, place + RowStart(3, TSizes.Inputs) * TSizes.Lanes);
            return;
        }

        int pitch = TSizes.Inputs * TSizes.Lanes;
        ScaleRow<TSizes, TInput>(ref sums.Row0, values, place);
        ScaleRow<TSizes, TInput>(ref sums.Row1, values, place + pitch);
        if (TSizes.Tokens > 2)
        {
            ScaleRow<TSizes, TInput>(ref sums.Row2, values, place + 2 * pitch);
        }

        if (TSizes.Tokens > 3)
        {
            ScaleRow<TSizes, TInput>(ref sums.Row3, values, place + 3 * pitch);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ScaleRow<TSizes, TInput>(ref Float4 sums, ArrayView<float> values, int place)
        where TSizes : struct, IDenseSizes
        where TInput : struct, IActivation =>
        sums = sums.Times(Tiles.LoadFour(values, place, TSizes.Lanes, TSizes.Inputs).Derivatives<TInput>());

    /// <summary>Writes a tile's sums, but for those that another tile writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TSizes>(
        Sums sums, ArrayView<float> output, int count, int token, int skippedTokens, int sum, int skipped)
        where TSizes : struct, IDenseSizes
    {
        int place = ((Grid.IdxY * TSizes.Tokens + token) * count + sum) * TSizes.Lanes + Group.IdxX;
        if (TSizes.Tokens == 1)
        {
            Tiles.StoreFour(sums.Row0, output, place, TSizes.Lanes, skipped, count);
            if (count > 4)
            {
                Tiles.StoreFour(
                    sums.Row1, output, place + RowStart(1, count) * TSizes.Lanes, TSizes.Lanes, skipped - RowStart(1, count), count);
            }

            if (count > 8)
            {
                Tiles.StoreFour(
                    sums.Row2, output, place + RowStart(2, count) * TSizes.Lanes, TSizes.Lanes, skipped - RowStart(2, count), count);
            }

            if (count > 12)
            {
                Tiles.StoreFour(
                    sums.Row3, output, place + RowStart(3, count) * TSizes.Lanes, TSizes.Lanes, skipped - RowStart(3, count), count);
            }

            return;
        }

        if (skippedTokens < 1)
        {
            Tiles.StoreFour(sums.Row0, output, place, TSizes.Lanes, skipped, count);
        }

        if (skippedTokens < 2)
        {
            Tiles.StoreFour(sums.Row1, output, place + count * TSizes.Lanes, TSizes.Lanes, skipped, count);
        }

        if (TSizes.Tokens > 2 && skippedTokens < 3)
        {
            Tiles.StoreFour(sums.Row2, output, place + 2 * count * TSizes.Lanes, TSizes.Lanes, skipped, count);
        }

        if (TSizes.Tokens > 3)
        {
            Tiles.StoreFour(sums.Row3, output, place + 3 * count * TSizes.Lanes, TSizes.Lanes, skipped, count);
        }
    }

    /// <summary>A thread's sums, in registers: four units of a token a row, or of the only token.</summary>
    private struct Sums
    {
        public Float4 Row0;
        public Float4 Row1;
        public Float4 Row2;
        public Float4 Row3;
    }
}
