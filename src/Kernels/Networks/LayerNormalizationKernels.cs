using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// Each token's features with mean 0 and variance 1, then a weight and a bias for each feature, whose plain twin is
/// <c>Model/Layers/LayerNormalization</c>. A group works on a block of examples, a thread on one of them.
/// </summary>
internal static class LayerNormalizationKernels
{
    /// <summary>Features of which a thread sums the gradients of the weights, and of the biases.</summary>
    public const int TileFeatures = LaneSums.Values / 2;

    /// <summary>output = (input - mean) / deviation * weight + bias. Grid: (token, block).</summary>
    /// <param name="input">(blocks, tokens, features, lanes).</param>
    /// <param name="weights">(features).</param>
    /// <param name="biases">(features).</param>
    /// <param name="epsilon">What is added to the variance.</param>
    /// <param name="kept">(blocks, tokens, 2, lanes): takes mean and 1/deviation.</param>
    /// <param name="output">(blocks, tokens, features, lanes).</param>
    public static void Forward<TSizes>(
        ArrayView<float> input, ArrayView<float> weights, ArrayView<float> biases, float epsilon, ArrayView<float> kept,
        ArrayView<float> output)
        where TSizes : struct, ITokenSizes
    {
        int place = First<TSizes>(TSizes.Features);
        float sum = 0f;
        for (int feature = 0; feature < TSizes.Features; feature++)
        {
            sum += input[place + feature * TSizes.Lanes];
        }

        float mean = sum / TSizes.Features;
        float squares = 0f;
        for (int feature = 0; feature < TSizes.Features; feature++)
        {
            float distance = input[place + feature * TSizes.Lanes] - mean;
            squares = distance * distance + squares;
        }

        float scale = 1f / MathF.Sqrt(squares / TSizes.Features + epsilon);
        for (int feature = 0; feature < TSizes.Features; feature++)
        {
            int at = place + feature * TSizes.Lanes;
            output[at] = (input[at] - mean) * scale * weights[feature] + biases[feature];
        }

        int keep = First<TSizes>(2);
        kept[keep] = mean;
        kept[keep + TSizes.Lanes] = scale;
    }

    /// <summary>From the output's gradient to the input's. Grid: (token, block).</summary>
    /// <param name="input">(blocks, tokens, features, lanes).</param>
    /// <param name="weights">(features).</param>
    /// <param name="kept">(blocks, tokens, 2, lanes): mean and 1/deviation.</param>
    /// <param name="gradient">(blocks, tokens, features, lanes): the output's, which becomes the input's.</param>
    public static void BackwardInput<TSizes>(
        ArrayView<float> input, ArrayView<float> weights, ArrayView<float> kept, ArrayView<float> gradient)
        where TSizes : struct, ITokenSizes
    {
        int place = First<TSizes>(TSizes.Features);
        int keep = First<TSizes>(2);
        float mean = kept[keep];
        float scale = kept[keep + TSizes.Lanes];
        float sum = 0f;
        float product = 0f;
        for (int feature = 0; feature < TSizes.Features; feature++)
        {
            int at = place + feature * TSizes.Lanes;
            float slope = gradient[at] * weights[feature];
            sum += slope;
            product = slope * ((input[at] - mean) * scale) + product;
        }

        // Neither the mean nor the length of what was normalized can change.
        sum /= TSizes.Features;
        product /= TSizes.Features;
        for (int feature = 0; feature < TSizes.Features; feature++)
        {
            int at = place + feature * TSizes.Lanes;
            float slope = gradient[at] * weights[feature];
            gradient[at] = scale * (slope - sum - (input[at] - mean) * scale * product);
        }
    }

    /// <summary>
    /// From the output's gradient to those of weights and biases, summed over the tokens and a slice's examples. Grid: (tile: ten
    /// features, slice).
    /// </summary>
    /// <param name="input">(blocks, tokens, features, lanes).</param>
    /// <param name="kept">(blocks, tokens, 2, lanes): mean and 1/deviation.</param>
    /// <param name="deltas">(blocks, tokens, features, lanes), the output's gradient.</param>
    /// <param name="slices">Which slices, and where their sums go.</param>
    /// <param name="weights">The weights' place among the parameters.</param>
    /// <param name="biases">The biases' place among them.</param>
    public static void BackwardWeights<TSizes>(
        ArrayView<float> input, ArrayView<float> kept, ArrayView<float> deltas, BlockSlices slices, int weights, int biases)
        where TSizes : struct, ITokenSizes
    {
        int begin = Grid.IdxX * TileFeatures;
        int first = Tiles.Start(begin, TSizes.Features, TileFeatures);
        slices.Range(Grid.IdxY, out int start, out int end);
        Taps5 weights0 = default, weights1 = default, biases0 = default, biases1 = default;
        for (int token = start * TSizes.Tokens; token < end * TSizes.Tokens; token++)
        {
            int keep = token * (2 * TSizes.Lanes) + Group.IdxX;
            float mean = kept[keep];
            float scale = kept[keep + TSizes.Lanes];
            int place = (token * TSizes.Features + first) * TSizes.Lanes + Group.IdxX;
            Add<TSizes>(ref weights0, ref biases0, input, deltas, place, mean, scale, TSizes.Features);
            if (TSizes.Features > 5)
            {
                Add<TSizes>(
                    ref weights1, ref biases1, input, deltas, place + 5 * TSizes.Lanes, mean, scale, TSizes.Features - 5);
            }
        }

        ArrayView<float> shared = SharedMemory.Allocate<float>(LaneSums.Pitch * LaneSums.MostLanes);
        LaneSums.Keep(shared, weights0, weights1, biases0, biases1);
        for (int value = Group.IdxX; value < LaneSums.Values; value += TSizes.Lanes)
        {
            float sum = LaneSums.Sum(shared, value, TSizes.Lanes);
            int feature = value % TileFeatures;
            if (feature >= begin - first && feature < TSizes.Features)
            {
                slices.Store(Grid.IdxY, (value < TileFeatures ? weights : biases) + first + feature, sum);
            }
        }
    }

    /// <summary>The first of a token's numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int First<TSizes>(int ofToken)
        where TSizes : struct, ITokenSizes =>
        (Grid.IdxY * TSizes.Tokens + Grid.IdxX) * (ofToken * TSizes.Lanes) + Group.IdxX;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TSizes>(
        ref Taps5 weights, ref Taps5 biases, ArrayView<float> input, ArrayView<float> deltas, int place, float mean, float scale,
        int count)
        where TSizes : struct, ITokenSizes
    {
        Taps5 values = Tiles.LoadFive(input, place, TSizes.Lanes, count);
        Taps5 slopes = Tiles.LoadFive(deltas, place, TSizes.Lanes, count);
        weights.T0 = slopes.T0 * ((values.T0 - mean) * scale) + weights.T0;
        weights.T1 = slopes.T1 * ((values.T1 - mean) * scale) + weights.T1;
        weights.T2 = slopes.T2 * ((values.T2 - mean) * scale) + weights.T2;
        weights.T3 = slopes.T3 * ((values.T3 - mean) * scale) + weights.T3;
        weights.T4 = slopes.T4 * ((values.T4 - mean) * scale) + weights.T4;
        biases = biases.Plus(slopes);
    }
}
