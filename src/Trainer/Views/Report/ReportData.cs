
namespace GpuConvnet.Trainer.Views.Report;

/// <summary>What the page's script works with: the networks, and digits to show them.</summary>
/// <param name="Runs">The runs' networks.</param>
internal sealed record ReportData(IReadOnlyList<ReportData.Network> Runs)
{
    /// <summary>One trained network.</summary>
    internal sealed record Network
    {
        /// <summary>The run's name.</summary>
        public required string Name { get; init; }

        /// <summary>The loss, which says what the outputs mean.</summary>
        public required string Loss { get; init; }

        /// <summary>The layers; null of an ensemble.</summary>
        public IReadOnlyList<PageLayer>? Layers { get; init; }

        /// <summary>The networks of an ensemble; null of a single one.</summary>
        public IReadOnlyList<Member>? Members { get; init; }

        /// <summary>
        /// Whether an ensemble's outputs are the mean of its networks' outputs; else they are the logarithm of that of their probabilities.
        /// </summary>
        public bool? IsOfOutputs { get; init; }

        /// <summary>How its digits are framed: <c>mnist</c>, or <c>box</c>, which they fill.</summary>
        public required string Frame { get; init; }

        /// <summary>The parameters, little-endian float32 in base64; null of an ensemble.</summary>
        public string? Parameters { get; init; }

        /// <summary>Digits that it is tested on.</summary>
        public required IReadOnlyList<Digit> Samples { get; init; }

        /// <summary>What to say of the digits that it gets wrong.</summary>
        public required string MistakesNote { get; init; }

        /// <summary>Digits that it gets wrong, the most confident mistakes first.</summary>
        public required IReadOnlyList<Digit> Mistakes { get; init; }
    }

    /// <summary>A network of an ensemble.</summary>
    /// <param name="Loss">What it was trained to minimise.</param>
    /// <param name="Layers">The layers.</param>
    /// <param name="Parameters">The parameters, little-endian float32 in base64.</param>
    internal sealed record Member(string Loss, IReadOnlyList<PageLayer> Layers, string Parameters);

    /// <summary>A digit.</summary>
    internal sealed record Digit
    {
        /// <summary>What it is.</summary>
        public required int Label { get; init; }

        /// <summary>Its place in the split.</summary>
        public required int Index { get; init; }

        /// <summary>(16, 16) little-endian float32 in [-1, 1], in base64.</summary>
        public required string Pixels { get; init; }

        /// <summary>The ten outputs of the vector path: what the page's own must be.</summary>
        public required IReadOnlyList<float> Outputs { get; init; }

        /// <summary>Of a mistake what it was taken for.</summary>
        public int? Predicted { get; init; }

        /// <summary>Of a mistake how sure the network was of that, 0 to 1.</summary>
        public double? Confidence { get; init; }
    }
}
