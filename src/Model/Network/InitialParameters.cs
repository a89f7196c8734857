using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Randomness;

namespace GpuConvnet.Model.Network;

/// <summary>The article's initial weights, bit for bit, or the same draws on the paper's scale.</summary>
public static class InitialParameters
{
    /// <summary>
    /// Draws H1w, H2w, H3w and outw, in this order, uniformly from ±2.4/sqrt(fan-in), as the article's
    /// <c>(torch.rand(...) - 0.5) * 2 * 2.4 / fan_in**0.5</c> does in float32; from ±2.4/fan-in where the paper's
    /// initial weights are asked for. Biases are 0, but the output biases are
    /// -1 when the outputs are tanh with squared error: most targets are -1. So they are, by our choice, with scaled
    /// tanh, whose value for -1 is that very target.
    /// </summary>
    /// <param name="options">The network; only its shape, the output's kind and the weights' scale matter here.</param>
    /// <param name="seed">The seed of <c>torch.manual_seed</c>.</param>
    /// <returns>The shape's parameters, of 1989's 9,760.</returns>
    public static float[] Draw(NetworkOptions options, uint seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        ParameterLayout layout = new(options.Shape);
        float[] parameters = new float[layout.Count];
        Mt19937 generator = new(seed);
        foreach (ParameterPart part in layout.Parts.Where(part => !part.IsBias))
        {
            float divisor = options.InitialWeights switch
            {
                InitialWeights.Article => (float)Math.Sqrt(part.FanIn),
                InitialWeights.Paper => part.FanIn,
                _ => throw new NotSupportedException($"There are no initial weights '{options.InitialWeights}'."),
            };
            foreach (ref float weight in part.Of(parameters.AsSpan()))
            {
                weight = (generator.NextTorchFloat() - 0.5f) * 2f * 2.4f / divisor;
            }
        }

        if (options.Output != Activation.Of<Linear>() && options.Loss == Loss.Of<SquaredError>())
        {
            layout.Outb.Of(parameters.AsSpan()).Fill(-1f);
        }

        return parameters;
    }
}
