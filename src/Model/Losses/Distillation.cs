using System.Text.Json.Serialization;

namespace GpuConvnet.Model.Losses;

/// <summary>
/// How much a network is trained towards a teacher's outputs, beside its labels (Hinton, Vinyals and Dean, 2015). The loss is
/// <code>
/// labelShare * loss(outputs, label) + (1 - labelShare) * temperature² * loss(outputs / temperature, taught)
/// </code>
/// where "taught" is the softmax of the teacher's logits divided by the temperature; of a squared error it is the teacher's
/// outputs as they are, or 2p - 1 of one that says probabilities p. The factor of the temperature keeps the size of the gradient.
/// </summary>
/// <remarks>Setters, because a configuration's generated reader would lose the defaults of init-only properties.</remarks>
internal sealed record Distillation
{
    /// <summary>The largest temperature: beyond it, probabilities are as good as equal.</summary>
    public const float MostTemperature = 100;

    /// <summary>What logits are divided by before the softmax, 1 to 100: the higher, the more the lesser answers count.</summary>
    public float Temperature { get; set; } = 2;

    /// <summary>The share of the label's own loss, in [0, 1).</summary>
    public float LabelShare { get; set; } = 0.1f;

    /// <summary>What the gradient of loss(outputs / temperature, taught) by its argument is multiplied with.</summary>
    [JsonIgnore]
    public float TeacherFactor => (1 - LabelShare) * Temperature;

    /// <summary>The loss of one example in double precision, by its definition.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="outputs">The network's outputs.</param>
    /// <param name="label">The class, from 0.</param>
    /// <param name="labelSmoothing">The share of the label's target that is spread over all outputs, in [0, 1).</param>
    /// <param name="taught">What the teacher says that outputs should be.</param>
    public double Value(Loss loss, double[] outputs, int label, double labelSmoothing, double[] taught)
    {
        ArgumentNullException.ThrowIfNull(loss);
        double[] softened = [.. outputs.Select(output => output / Temperature)];
        return LabelShare * loss.Value(outputs, label, labelSmoothing)
            + (1 - LabelShare) * Temperature * Temperature * loss.Value(softened, taught);
    }
}
