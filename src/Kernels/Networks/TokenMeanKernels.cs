using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// The mean over tokens, (tokens, features) to (features), whose plain twin is <c>Model/Layers/TokenMean</c>. Grid: (feature,
/// block).
/// </summary>
internal static class TokenMeanKernels
{
    /// <summary>output = mean over the tokens of the input.</summary>
    /// <param name="input">(blocks, tokens, features, lanes).</param>
    /// <param name="output">(blocks, features, lanes).</param>
    public static void Forward<TSizes>(ArrayView<float> input, ArrayView<float> output)
        where TSizes : struct, ITokenSizes
    {
        int place = (Grid.IdxY * (TSizes.Tokens * TSizes.Features) + Grid.IdxX) * TSizes.Lanes + Group.IdxX;
        float sum = 0f;
        for (int token = 0; token < TSizes.Tokens; token++)
        {
            sum += input[place];
            place += TSizes.Features * TSizes.Lanes;
        }

        output[(Grid.IdxY * TSizes.Features + Grid.IdxX) * TSizes.Lanes + Group.IdxX] = sum * (1f / TSizes.Tokens);
    }

    /// <summary>From the output's gradient to the input's: a share for each token.</summary>
    /// <param name="deltas">(blocks, features, lanes), the output's gradient.</param>
    /// <param name="gradient">(blocks, tokens, features, lanes), the input's gradient.</param>
    public static void Backward<TSizes>(ArrayView<float> deltas, ArrayView<float> gradient)
        where TSizes : struct, ITokenSizes
    {
        float share = deltas[(Grid.IdxY * TSizes.Features + Grid.IdxX) * TSizes.Lanes + Group.IdxX] * (1f / TSizes.Tokens);
        int place = (Grid.IdxY * (TSizes.Tokens * TSizes.Features) + Grid.IdxX) * TSizes.Lanes + Group.IdxX;
        for (int token = 0; token < TSizes.Tokens; token++)
        {
            gradient[place] = share;
            place += TSizes.Features * TSizes.Lanes;
        }
    }
}
