using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// Square patches that do not overlap, each of which becomes a token: (maps, rows, columns) to (patches, features). A token is
/// a dense layer of its patch's pixels, the same for all patches: PyTorch's <c>Conv2d</c> with a stride of its kernel's side,
/// then <c>flatten(2).transpose(1, 2)</c>.
/// </summary>
public sealed class PatchEmbedding : Layer
{
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;
    private readonly int _pixels;
    private readonly int[] _places;

    /// <summary>Creates a layer.</summary>
    /// <param name="parts">Takes its parameters.</param>
    /// <param name="name">What files call it: its parameters are <c>name.weight</c> and <c>name.bias</c>.</param>
    /// <param name="input">(maps, rows, columns).</param>
    /// <param name="patch">The side of a patch, of which rows and columns are multiples.</param>
    /// <param name="features">Features of a token.</param>
    /// <exception cref="LayerException">It does not fit its input.</exception>
    public PatchEmbedding(PartList parts, string name, TensorShape input, int patch, int features)
        : base(input, OutputShape(input, patch, features))
    {
        ArgumentNullException.ThrowIfNull(parts);
        Patch = patch;
        _pixels = input[0] * patch * patch;
        _weights = parts.Add($"{name}.weight", PartRule.Weights, _pixels, features, input[0], patch, patch);
        _biases = parts.Add($"{name}.bias", PartRule.Biases, _pixels, features);
        int across = input[2] / patch;
        _places = [.. Enumerable.Range(0, input.Count).Select(value =>
        {
            (int token, int pixel) = (value / _pixels, value % _pixels);
            int map = pixel / (patch * patch);
            int row = token / across * patch + pixel / patch % patch;
            int column = token % across * patch + pixel % patch;
            return (map * input[1] + row) * input[2] + column;
        })];
    }

    /// <summary>The side of a patch.</summary>
    public int Patch { get; }

    /// <inheritdoc/>
    public override string Description => FormattableString.Invariant($"patches of {Patch}x{Patch} as tokens");

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterPart> Parts => [_weights, _biases];

    /// <inheritdoc/>
    public override long Operations => (long)Output.Count * _pixels;

    /// <summary>The input patch by patch, then room for its gradient.</summary>
    /// <inheritdoc/>
    public override int Kept => 2 * Input.Count;

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        for (int value = 0; value < _places.Length; value++)
        {
            pass.Kept[value] = pass.Input[_places[value]];
        }

        for (int token = 0; token < Output[0]; token++)
        {
            Dense.Forward(
                pass.Kept + token * _pixels, _pixels, pass.Output + token * Output[1], Output[1],
                pass.Parameters + _weights.Offset, pass.Parameters + _biases.Offset);
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TReal* gradient = pass.InputGradient is null ? null : pass.Kept + Input.Count;
        for (int token = 0; token < Output[0]; token++)
        {
            Dense.Backward(
                pass.Kept + token * _pixels, _pixels, pass.OutputGradient + token * Output[1], Output[1],
                pass.Parameters + _weights.Offset, pass.Gradient + _weights.Offset, pass.Gradient + _biases.Offset,
                gradient is null ? null : gradient + token * _pixels);
        }

        for (int value = 0; gradient is not null && value < _places.Length; value++)
        {
            pass.InputGradient[_places[value]] = gradient[value];
        }
    }

    private static TensorShape OutputShape(TensorShape input, int patch, int features)
    {
        ArgumentNullException.ThrowIfNull(input);
        LayerException.Require(
            input.IsMaps, $"a patch embedding takes (maps, rows, columns), and the layer before gives {input}");
        LayerException.Require(
            patch >= 1 && input[1] % patch == 0 && input[2] % patch == 0,
            $"expected patches that divide {input}, found a side of {patch}");
        LayerException.Require(features >= 1, $"expected one feature or more, found {features}");
        return new TensorShape(input[1] / patch * (input[2] / patch), features);
    }
}
