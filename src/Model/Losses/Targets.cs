namespace GpuConvnet.Model.Losses;

/// <summary>What the outputs of an example are trained towards.</summary>
/// <param name="label">The target of the digit's own output.</param>
/// <param name="other">The target of the nine others.</param>
internal readonly struct Targets(float label, float other)
{
    /// <summary>The target of the digit's own output.</summary>
    public float Label { get; } = label;

    /// <summary>The target of the nine others.</summary>
    public float Other { get; } = other;
}
