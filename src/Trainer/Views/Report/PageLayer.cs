using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>A layer as the page's script runs it; what a kind does not need is left out.</summary>
internal sealed record PageLayer
{
    /// <summary>Its kind, as configurations call it.</summary>
    public required string Kind { get; init; }

    /// <summary>What the page calls it; only layers with parameters have a name.</summary>
    public string? Name { get; init; }

    /// <summary>The sides of what it takes.</summary>
    public required IReadOnlyList<int> Input { get; init; }

    /// <summary>The sides of what it gives.</summary>
    public required IReadOnlyList<int> Output { get; init; }

    /// <summary>Where its weights begin in the parameters.</summary>
    public int? Weights { get; init; }

    /// <summary>Where its biases begin.</summary>
    public int? Biases { get; init; }

    /// <summary>The side of a convolution's kernel.</summary>
    public int? Kernel { get; init; }

    /// <summary>From one window to the next.</summary>
    public int? Stride { get; init; }

    /// <summary>The width of the border.</summary>
    public int? Padding { get; init; }

    /// <summary>The value of the border.</summary>
    public float? PaddingValue { get; init; }

    /// <summary>Whether every unit has a bias of its own, not every map.</summary>
    public bool? HasUnitBiases { get; init; }

    /// <summary>For each map, the maps of its input that it reads.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Sources { get; init; }

    /// <summary>Whether a dense layer's weights are (inputs, units).</summary>
    public bool? InputsFirst { get; init; }

    /// <summary>An activation's name.</summary>
    public string? Function { get; init; }

    /// <summary>Heads of self-attention.</summary>
    public int? Heads { get; init; }

    /// <summary>Where the weights begin of what self-attention makes of its heads.</summary>
    public int? OutputWeights { get; init; }

    /// <summary>Where its biases begin.</summary>
    public int? OutputBiases { get; init; }

    /// <summary>The layers inside of a residual.</summary>
    public IReadOnlyList<PageLayer>? Layers { get; init; }

    /// <summary>The layers of a network; null if the page's script cannot run one of them.</summary>
    /// <param name="layers">The layers.</param>
    public static IReadOnlyList<PageLayer>? Of(IReadOnlyList<Layer> layers)
    {
        Layer[] run = [.. layers.Where(layer => layer is not Dropout)];
        PageLayer[] written = [.. run.Select(Of).OfType<PageLayer>()];
        return written.Length == run.Length ? written : null;
    }

    private static PageLayer? Of(Layer layer) => layer switch
    {
        Convolution convolution => new PageLayer
        {
            Kind = "convolution",
            Name = NameOf(layer),
            Input = Sides(layer.Input),
            Output = Sides(layer.Output),
            Weights = layer.Parts[0].Offset,
            Biases = layer.Parts[1].Offset,
            Kernel = convolution.Options.Kernel,
            Stride = convolution.Options.Stride,
            Padding = convolution.Options.Padding,
            PaddingValue = convolution.Options.PaddingValue,
            HasUnitBiases = convolution.Options.HasUnitBiases,
            Sources = [.. Enumerable.Range(0, layer.Output[0]).Select(map => convolution.SourcesOf(map).ToArray())],
        },
        Dense dense => new PageLayer
        {
            Kind = "dense",
            Name = NameOf(layer),
            Input = Sides(layer.Input),
            Output = Sides(layer.Output),
            Weights = layer.Parts[0].Offset,
            Biases = layer.Parts[1].Offset,
            InputsFirst = dense.InputsFirst,
        },
        ActivationLayer activation => new PageLayer
        {
            Kind = "activation",
            Input = Sides(layer.Input),
            Output = Sides(layer.Output),
            Function = activation.Function.Name,
        },
        PatchEmbedding patches => new PageLayer
        {
            Kind = "patchEmbedding",
            Name = NameOf(layer),
            Input = Sides(layer.Input),
            Output = Sides(layer.Output),
            Weights = layer.Parts[0].Offset,
            Biases = layer.Parts[1].Offset,
            Kernel = patches.Patch,
        },
        PositionEmbedding => new PageLayer
        {
            Kind = "positionEmbedding",
            Input = Sides(layer.Input),
            Output = Sides(layer.Output),
            Weights = layer.Parts[0].Offset,
        },
        LayerNormalization => new PageLayer
        {
            Kind = "layerNormalization",
            Input = Sides(layer.Input),
            Output = Sides(layer.Output),
            Weights = layer.Parts[0].Offset,
            Biases = layer.Parts[1].Offset,
        },
        SelfAttention attention => new PageLayer
        {
            Kind = "selfAttention",
            Input = Sides(layer.Input),
            Output = Sides(layer.Output),
            Weights = layer.Parts[0].Offset,
            Biases = layer.Parts[1].Offset,
            OutputWeights = layer.Parts[2].Offset,
            OutputBiases = layer.Parts[3].Offset,
            Heads = attention.Heads,
        },
        TokenMean => new PageLayer { Kind = "tokenMean", Input = Sides(layer.Input), Output = Sides(layer.Output) },
        Residual residual when Of(residual.Inner.Layers) is { } inner => new PageLayer
        {
            Kind = "residual",
            Name = NameOf(residual),
            Input = Sides(layer.Input),
            Output = Sides(layer.Output),
            Layers = inner,
        },
        _ => null,
    };

    /// <summary>H1 of H1w, layer 3 of 3.weight, C1 of C1.weight; of a residual blocks.0 of blocks.0.norm1.weight.</summary>
    private static string NameOf(Layer layer)
    {
        if (layer.Parts.Count == 0)
        {
            return "residual";
        }

        string name = layer.Parts[0].Name;
        string[] words = name.Split('.');
        string own = string.Join('.', words[..Math.Max(1, words.Length - (layer is Residual ? 2 : 1))]);
        return words.Length == 1 ? name.TrimEnd('w') : char.IsAsciiDigit(own[0]) ? $"layer {own}" : own;
    }

    private static int[] Sides(TensorShape shape) => [.. Enumerable.Range(0, shape.Rank).Select(side => shape[side])];
}
