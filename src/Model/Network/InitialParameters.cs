using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Randomness;

namespace GpuConvnet.Model.Network;

/// <summary>
/// The article's initial weights, bit for bit, the same draws on the paper's scale, or PyTorch's own, bit for bit.
/// </summary>
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
        bool isBounded = options.Output != Activation.Of<Linear>() && !options.Loss.NeedsLinearOutput;
        return Draw(layout.Parts, layout.Count, options.InitialWeights, isBounded ? -1f : 0f, seed);
    }

    /// <summary>
    /// Draws the parameters of any network, part after part by its <see cref="ParameterPart.Rule"/>. The article's and the
    /// paper's rule draw weights alone, and leave biases 0 but the last ones. PyTorch's draws biases too, as far as
    /// the weights of their units; so does LeCun's, whose fan-in counts the bias.
    /// </summary>
    /// <param name="parts">The parts, in the order of the vector.</param>
    /// <param name="count">How many parameters there are.</param>
    /// <param name="weights">How far weights spread.</param>
    /// <param name="outputBias">What the last part begins with if it is biases; by PyTorch's rule it is drawn as others are.</param>
    /// <param name="seed">The seed of <c>torch.manual_seed</c>.</param>
    internal static float[] Draw(
        IReadOnlyList<ParameterPart> parts, int count, InitialWeights weights, float outputBias, uint seed)
    {
        ArgumentNullException.ThrowIfNull(parts);
        float[] parameters = new float[count];
        Mt19937 generator = new(seed);
        foreach (ParameterPart part in parts)
        {
            Span<float> values = part.Of(parameters.AsSpan());
            switch (part.Rule)
            {
                case PartRule.Ones:
                    values.Fill(1f);
                    break;
                case PartRule.Weights or PartRule.Biases when weights == InitialWeights.PyTorch:
                    DrawAsPyTorch(generator, part, values);
                    break;
                case PartRule.Weights or PartRule.Biases when weights == InitialWeights.LeCun:
                    DrawWeights(generator, part.Inputs + 1, values);
                    break;
                case PartRule.Weights:
                    DrawWeights(generator, weights == InitialWeights.Paper ? part.Inputs : (float)Math.Sqrt(part.Inputs), values);
                    break;
                case PartRule.Biases when part == parts[^1]:
                    values.Fill(outputBias);
                    break;
            }
        }

        return parameters;
    }

    private static void DrawWeights(Mt19937 generator, float divisor, Span<float> weights)
    {
        foreach (ref float weight in weights)
        {
            weight = (generator.NextTorchFloat() - 0.5f) * 2f * 2.4f / divisor;
        }
    }

    /// <summary>
    /// As <c>reset_parameters</c> does it: weights by <c>kaiming_uniform_(a=sqrt(5))</c>, biases by <c>uniform_</c>; the roots
    /// are taken as there, in double precision, and what is drawn is scaled with one rounding, as PyTorch's compiled code does.
    /// </summary>
    private static void DrawAsPyTorch(Mt19937 generator, ParameterPart part, Span<float> values)
    {
        double bound = part.Rule == PartRule.Weights
            ? Math.Sqrt(3.0) * (Math.Sqrt(2.0 / (1 + Math.Pow(Math.Sqrt(5), 2))) / Math.Sqrt(part.Inputs))
            : 1 / Math.Sqrt(part.Inputs);
        float from = (float)-bound;
        float to = (float)bound;
        foreach (ref float value in values)
        {
            value = MathF.FusedMultiplyAdd(generator.NextTorchFloat(), to - from, from);
        }
    }
}
