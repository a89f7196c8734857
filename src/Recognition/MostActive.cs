namespace GpuConvnet.Recognition;

/// <summary>The two digits that a network's outputs speak for the loudest; of equal outputs the first one leads.</summary>
/// <param name="Digit">The answer: the digit of the largest output.</param>
/// <param name="RunnerUp">The digit of the second largest.</param>
internal readonly record struct MostActive(int Digit, int RunnerUp)
{
    /// <summary>The two most active outputs.</summary>
    /// <param name="outputs">At least two outputs.</param>
    public static MostActive Of(ReadOnlySpan<float> outputs)
    {
        int digit = IndexOfLargest(outputs, except: -1);
        return new MostActive(digit, IndexOfLargest(outputs, except: digit));
    }

    private static int IndexOfLargest(ReadOnlySpan<float> outputs, int except)
    {
        int best = -1;
        for (int i = 0; i < outputs.Length; i++)
        {
            if (i != except && (best < 0 || outputs[i] > outputs[best]))
            {
                best = i;
            }
        }

        return best;
    }
}
