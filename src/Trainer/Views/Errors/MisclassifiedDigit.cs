using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Views.Errors;

/// <summary>A digit that the network took for another one.</summary>
/// <param name="Index">Which digit of the split, from 0, in the order in which it is evaluated.</param>
/// <param name="Label">The digit that it is.</param>
/// <param name="Predicted">The digit of the largest output.</param>
/// <param name="Confidence">How sure the network was of its prediction, 0 to 1; see <see cref="Recognition.Confidence"/>.</param>
/// <param name="Outputs">The ten outputs.</param>
internal sealed record MisclassifiedDigit(
    int Index,
    [property: JsonPropertyName("true")] int Label,
    int Predicted,
    double Confidence,
    float[] Outputs);
